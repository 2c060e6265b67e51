import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestObjects } from './objects.ts'
import { operate, type S3Answer, type S3Request, xml } from './operations.ts'
import { readBody } from './request-body.ts'
import { S3Error } from './s3-error.ts'
import { signatureError } from './signature.ts'

/** The only bucket that the test server has. */
export const BUCKET = 'recordings'

/** What goes wrong with one request. */
export type Fault =
  /** It is answered with an error, after `ms`. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string; readonly ms?: number }
  /** The connection is reset when so many bytes of its body have come. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** It is never answered. */
  | { readonly kind: 'hang' }
  /** It is done, and the connection is reset instead of the answer. */
  | { readonly kind: 'lose' }
  /** Its answer is cut after so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Its answer stops after so many bytes, and the connection stays. */
  | { readonly kind: 'stop'; readonly afterBytes: number }
  /** It begins after `ms`, and its body is read no faster than so many bytes a second. */
  | { readonly kind: 'slow'; readonly ms: number; readonly bytesPerSecond: number }

/** A request before anything is done about it. */
export interface RequestHead {
  readonly method: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

/** How the test server behaves; may be changed while it runs. */
export interface S3Behaviour {
  fault: (request: RequestHead) => Fault | undefined
  /** What it does about If-None-Match and If-Match. */
  conditions: 'honour' | 'ignore' | 'refuse'
  /** Whether it refuses checksums that the SDK adds by itself. */
  refusesChecksums: boolean
  /** Least time between two writes of one key, in ms; earlier ones are answered 429. */
  writeIntervalMs: number
}

/** An S3 service in this process: signatures, checksums and conditions are checked, and faults can be planted. */
export interface S3Server {
  readonly url: string
  readonly objects: TestObjects
  readonly behaviour: S3Behaviour
  /** Heads of all requests so far. */
  readonly requests: readonly RequestHead[]
  /** Codes of all errors that were answered so far. */
  readonly errors: readonly string[]
  /** Refuses connections until `up`, which listens on the same port again. */
  down(): Promise<void>
  up(): Promise<void>
  stop(): Promise<void>
}

/** Starts it on a free port of 127.0.0.1. */
export async function startS3Server(behaviour: Partial<S3Behaviour> = {}): Promise<S3Server> {
  const objects = new TestObjects()
  const requests: RequestHead[] = []
  const errors: string[] = []
  const lastWrites = new Map<string, number>()
  const current: S3Behaviour = {
    fault: () => undefined,
    conditions: 'honour',
    refusesChecksums: false,
    writeIntervalMs: 0,
    ...behaviour,
  }
  const server = createServer((incoming, outgoing) => {
    const { bucket, head } = headOf(incoming)
    requests.push(head)
    const fault = current.fault(head)
    // Whoever is cut off learns it by the connection.
    incoming.on('error', () => {})
    answer({ objects, behaviour: current, lastWrites, errors }, { incoming, bucket, head, fault }).then(
      (done) => send(incoming, outgoing, done, fault),
      () => incoming.destroy(),
    )
  })
  server.keepAliveTimeout = 60_000
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    behaviour: current,
    requests,
    errors,
    down,
    up: () => listen(port),
    stop: down,
  }
}

interface ServerState {
  readonly objects: TestObjects
  readonly behaviour: S3Behaviour
  readonly lastWrites: Map<string, number>
  readonly errors: string[]
}

interface Incoming {
  readonly incoming: IncomingMessage
  readonly bucket: string
  readonly head: RequestHead
  readonly fault: Fault | undefined
}

function headOf(incoming: IncomingMessage): { bucket: string; head: RequestHead } {
  const url = new URL(incoming.url ?? '/', 'http://s3')
  const [bucket = '', ...parts] = decodeURIComponent(url.pathname.slice(1)).split('/')
  const { method = '', headers } = incoming
  return { bucket, head: { method, key: parts.join('/'), query: url.searchParams, headers } }
}

/** What is answered; undefined: nothing, ever. */
async function answer(
  { objects, behaviour, lastWrites, errors }: ServerState,
  { incoming, bucket, head, fault }: Incoming,
): Promise<S3Answer | undefined> {
  try {
    if (fault?.kind === 'hang') return undefined
    if (fault?.kind === 'slow') await sleep(fault.ms)
    if (fault?.kind === 'status') {
      await sleep(fault.ms ?? 0)
      throw new S3Error(fault.status, fault.code)
    }
    check(incoming, bucket, behaviour)
    const body = await readBody(incoming, paceOf(incoming, fault))
    checkWriteRate(lastWrites, head, behaviour.writeIntervalMs)
    const request: S3Request = { ...head, bucket, body }
    return operate(objects, request, behaviour.conditions === 'honour')
  } catch (error) {
    if (!(error instanceof S3Error)) throw error
    errors.push(error.code)
    return xml('Error', `<Code>${error.code}</Code><Message>${error.code}</Message>`, error.status)
  }
}

function check(incoming: IncomingMessage, bucket: string, behaviour: S3Behaviour): void {
  const wrong = signatureError(incoming, Date.now())
  if (wrong !== undefined) throw new S3Error(403, wrong)
  if (bucket !== BUCKET) throw new S3Error(404, 'NoSuchBucket')
  const { headers } = incoming
  const isConditional = headers['if-none-match'] !== undefined || headers['if-match'] !== undefined
  if (isConditional && incoming.method !== 'GET' && behaviour.conditions === 'refuse') {
    throw new S3Error(501, 'NotImplemented')
  }
  const names = Object.keys(headers)
  const hasChecksum = names.some(
    (name) => name.startsWith('x-amz-checksum-') || name === 'x-amz-sdk-checksum-algorithm',
  )
  if (hasChecksum && behaviour.refusesChecksums) throw new S3Error(501, 'NotImplemented')
}

/** Called with each piece of a body. */
function paceOf(incoming: IncomingMessage, fault: Fault | undefined): (bytes: number) => Promise<void> {
  let came = 0
  return async (bytes) => {
    came += bytes
    if (fault?.kind === 'reset' && came > fault.afterBytes) incoming.socket.resetAndDestroy()
    if (fault?.kind === 'slow') await sleep((bytes / fault.bytesPerSecond) * 1000)
  }
}

function checkWriteRate(
  lastWrites: Map<string, number>,
  { method, key, query }: RequestHead,
  intervalMs: number,
): void {
  if (method !== 'PUT' || query.has('partNumber') || intervalMs === 0) return
  const now = Date.now()
  if (now - (lastWrites.get(key) ?? 0) < intervalMs) throw new S3Error(429, 'TooManyRequests')
  lastWrites.set(key, now)
}

function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  done: S3Answer | undefined,
  fault: Fault | undefined,
): void {
  if (done === undefined) {
    incoming.resume()
    return
  }
  if (fault?.kind === 'lose' || (fault?.kind === 'reset' && fault.afterBytes === 0)) {
    incoming.socket.resetAndDestroy()
    return
  }
  // A body that nobody read would be taken for the next request.
  if (!incoming.complete) outgoing.setHeader('connection', 'close')
  const body = Buffer.from(done.body ?? '')
  outgoing.writeHead(done.status, { 'content-length': body.length, ...done.headers })
  if (fault?.kind !== 'cut' && fault?.kind !== 'stop') {
    outgoing.end(incoming.method === 'HEAD' ? undefined : body)
    return
  }
  outgoing.write(body.subarray(0, fault.afterBytes), () => fault.kind === 'cut' && incoming.socket.resetAndDestroy())
}
