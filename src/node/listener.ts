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

/**
 * Listens on HOST and PORT, or on an inherited socket, which somebody else holds open over restarts; gives the address. Throws
 * ConfigError where others can reach that and nobody said that anyone may upload.
 */
export async function listen(server: Server, config: Config, inherited: number | undefined): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
    if (inherited === undefined) server.listen(config.PORT, config.HOST)
    else server.listen({ fd: inherited })
  })
  const address = server.address() as AddressInfo
  const isOpen = config.INGEST_KEYS.length === 0 && !config.ALLOW_ANONYMOUS_INGEST
  if (inherited === undefined || !isOpen || isLoopback(address.address)) return address
  server.close()
  throw new ConfigError(
    `The inherited socket ${address.address}:${address.port} can be reached by others: set INGEST_KEYS, or ALLOW_ANONYMOUS_INGEST=true to let anyone upload.`,
  )
}
