import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of one AES-128 key, which is not the receiver. */
export interface KeyServer {
  readonly url: string
  readonly key: Uint8Array
  /** How often the key was read. */
  readonly reads: number
  stop(): void
}

/** Starts a key server on a free port. */
export async function startKeyServer(): Promise<KeyServer> {
  const key = randomBytes(16)
  let reads = 0
  const server = createServer((_request, answer) => {
    reads++
    answer.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Length': key.length }).end(key)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/foreign.key?licence=1`,
    key,
    get reads() {
      return reads
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
