import { createHash } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encoderNameOf, type RecordedBody, type Recording } from './recording.ts'

/** Most bytes that one proxy keeps; the upload that goes beyond is an error of the test. */
const MAX_RECORDED_BYTES = 512 * 1024 * 1024

/** An upload that went through the proxy. */
export interface RecordedUpload extends RecordedBody {
  readonly method: string
  readonly target: string
  /** Whether its body ended properly. */
  readonly isWhole: boolean
  /** SHA-256 of the body, lower-case hex. */
  readonly hash: string
  /** Bytes. */
  readonly size: number
  /** What the receiver answered; undefined: nothing yet. */
  readonly status: number | undefined
  /** When so many bytes had come in all: ms since the epoch. */
  readonly pieces: readonly { readonly at: number; readonly bytes: number }[]
}

/** A proxy between an encoder and a receiver that keeps whatever leaves the encoder. */
export interface RecordingProxy {
  readonly port: number
  /** In the order in which they ended. */
  readonly uploads: readonly RecordedUpload[]
  /** Requests that run. */
  readonly running: number
  /** What has ended so far, for a Checker. */
  readonly recording: Recording
  stop(): Promise<void>
}

/** Starts a recording proxy in front of 127.0.0.1:`targetPort`, on a free port. */
export async function startRecordingProxy(targetPort: number): Promise<RecordingProxy> {
  const uploads: RecordedUpload[] = []
  let running = 0
  const server = createServer((incoming, outgoing) => {
    running++
    outgoing.once('close', () => running--)
    forward(incoming, outgoing, targetPort, (upload) => {
      uploads.push(upload)
      if (uploads.reduce((sum, { size }) => sum + size, 0) > MAX_RECORDED_BYTES) throw new Error('recorded too much')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    uploads,
    get running() {
      return running
    },
    recording: recordingOf(uploads),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function recordingOf(uploads: readonly RecordedUpload[]): Recording {
  return {
    get bodies() {
      const bodies = uploads.filter(({ method }) => method === 'PUT' || method === 'POST')
      return bodies.toSorted((one, other) => one.startedAt - other.startedAt)
    },
    sentAt(body, end) {
      const pieces = uploads.find((upload) => upload === body)?.pieces
      return end === undefined ? body.wholeAt : pieces?.find(({ bytes }) => bytes >= end)?.at
    },
  }
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  port: number,
  keep: (upload: RecordedUpload) => void,
): void {
  const { method = 'GET', url: target = '/', headers } = incoming
  const startedAt = Date.now()
  const chunks: Uint8Array[] = []
  const pieces: { at: number; bytes: number }[] = []
  let size = 0
  let status: number | undefined
  const onward = httpRequest({ host: '127.0.0.1', port, method, path: target, headers, agent: false })
  onward.on('response', (answer) => {
    status = answer.statusCode
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  incoming.on('data', (chunk: Uint8Array) => {
    size += chunk.length
    chunks.push(chunk)
    pieces.push({ at: Date.now(), bytes: size })
  })
  const record = (isWhole: boolean) => {
    const bytes = new Uint8Array(Buffer.concat(chunks))
    const hash = createHash('sha256').update(bytes).digest('hex')
    const wholeAt = isWhole ? Date.now() : undefined
    const name = encoderNameOf(target)
    keep({
      ...{ name, startedAt, wholeAt, bytes, method, target, isWhole, hash, size, pieces },
      get status() {
        return status
      },
    })
  }
  incoming.on('end', () => record(true))
  incoming.on('error', () => {
    record(false)
    onward.destroy()
  })
  incoming.pipe(onward)
}
