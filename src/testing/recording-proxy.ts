import { createHash } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An upload that went through the proxy. */
export interface RecordedUpload {
  readonly method: string
  readonly target: string
  /** Whether its body ended properly. */
  readonly isWhole: boolean
  /** SHA-256 of the body, lower-case hex. */
  readonly hash: string
  /** Bytes. */
  readonly size: number
}

/** A proxy between an encoder and a receiver that keeps the hash of whatever leaves the encoder. */
export interface RecordingProxy {
  readonly port: number
  readonly uploads: readonly RecordedUpload[]
  stop(): Promise<void>
}

/** Starts a recording proxy in front of 127.0.0.1:`targetPort`, on a free port. */
export async function startRecordingProxy(targetPort: number): Promise<RecordingProxy> {
  const uploads: RecordedUpload[] = []
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, targetPort, uploads))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    uploads,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number, uploads: RecordedUpload[]): void {
  const { method = 'GET', url: target = '/', headers } = incoming
  const hash = createHash('sha256')
  let size = 0
  const onward = httpRequest({ host: '127.0.0.1', port, method, path: target, headers, agent: false })
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  incoming.on('data', (chunk: Uint8Array) => {
    size += chunk.length
    hash.update(chunk)
  })
  const record = (isWhole: boolean) => uploads.push({ method, target, isWhole, hash: hash.digest('hex'), size })
  incoming.on('end', () => record(true))
  incoming.on('error', () => {
    record(false)
    onward.destroy()
  })
  incoming.pipe(onward)
}
