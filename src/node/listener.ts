import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Config, ConfigError, isLoopback } from '../config/schema.ts'

/** The first socket that systemd hands over (sd_listen_fds(3)). */
const FIRST_INHERITED = 3

/** The descriptor of a listening socket that this process was started with; undefined: it opens its own. */
export function inheritedSocket(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  const isForUs = environment['LISTEN_PID'] === String(pid)
  return isForUs && Number(environment['LISTEN_FDS']) >= 1 ? FIRST_INHERITED : undefined
}

/** Where a server listens. */
export interface Listening {
  readonly host: string
  readonly port: number
}

/**
 * Listens on HOST and PORT, or on an inherited socket, which somebody else holds open over restarts; gives the address. Throws
 * ConfigError where that is none of TCP, or where others can reach it and nobody said that anyone may upload.
 */
export async function listen(server: Server, config: Config, inherited: number | undefined): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
    if (inherited === undefined) server.listen(config.PORT, config.HOST)
    else server.listen({ fd: inherited })
  })
  try {
    const { address, port } = tcpAddress(server)
    if (inherited === undefined) return { host: config.HOST, port }
    checkOpen(address, port, config)
    return { host: address, port }
  } catch (error) {
    server.close()
    throw error
  }
}

function tcpAddress(server: Server): AddressInfo {
  const address = server.address()
  if (typeof address === 'object' && address !== null) return address
  throw new ConfigError('The inherited socket is not one of TCP: give it an address and a port.')
}

function checkOpen(address: string, port: number, config: Config): void {
  if (config.INGEST_KEYS.length > 0 || config.ALLOW_ANONYMOUS_INGEST || isLoopback(address)) return
  throw new ConfigError(
    `The inherited socket ${address}:${port} can be reached by others: set INGEST_KEYS, or ALLOW_ANONYMOUS_INGEST=true to let anyone upload.`,
  )
}
