import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An answer that a player got. */
export interface TappedAnswer {
  readonly method: string
  readonly target: string
  readonly status: number
  /** Its header lines as they came. */
  readonly head: string
  /** As much of its body as the player took. */
  readonly body: Buffer
}

/** A proxy between players and a receiver, as a CDN is; it keeps whatever viewers get. */
export interface OriginTap {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly answers: readonly TappedAnswer[]
  stop(): Promise<void>
}

/** Starts a tap in front of 127.0.0.1:`targetPort`, on a free port. */
export async function startOriginTap(targetPort: number): Promise<OriginTap> {
  const answers: TappedAnswer[] = []
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, targetPort, answers))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number, answers: TappedAnswer[]): void {
  const { method = 'GET', url: target = '/', headers } = incoming
  const onward = httpRequest({ host: '127.0.0.1', port, method, path: target, headers, agent: false })
  onward.on('response', (answer) => {
    const { statusCode: status = 0, rawHeaders } = answer
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('close', () =>
      answers.push({ method, target, status, head: rawHeaders.join('\n'), body: Buffer.concat(chunks) }),
    )
    outgoing.writeHead(status, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}
