import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that came through, and what it was answered. */
export interface Passed {
  readonly method: string
  readonly path: string
  readonly status: number
}

/** What a server is reached through, which sees all requests and may hold them. */
export interface HttpGate {
  readonly url: string
  readonly passed: readonly Passed[]
  /** Called with each request before it goes on, which waits for what it returns. */
  before: (method: string, path: string) => Promise<void> | undefined
  stop(): Promise<void>
}

/** Starts one in front of a server, on a free port of 127.0.0.1. */
export async function startHttpGate(url: string): Promise<HttpGate> {
  const passed: Passed[] = []
  const gate = { before: (_method: string, _path: string): Promise<void> | undefined => undefined }
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming
    await gate.before(method, path)
    const onward = request(url + path, { method, headers }, (answer) => {
      passed.push({ method, path, status: answer.statusCode ?? 0 })
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(outgoing)
      outgoing.once('close', () => answer.destroy())
    })
    onward.on('error', () => outgoing.destroy())
    incoming.on('error', () => onward.destroy()).on('aborted', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(gate, {
    url: `http://127.0.0.1:${port}`,
    passed,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  })
}
