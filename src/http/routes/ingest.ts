import type { Context } from 'hono'
import { asReceiverError, ReceiverError } from '../../core/errors.ts'
import { fileKind } from '../../core/file-kind.ts'
import type { Log } from '../../core/ports.ts'
import type { Receiver, UploadOutcome } from '../../core/receiver.ts'
import { type Mount, parseUploadTarget, type UploadTarget } from '../../core/upload-target.ts'
import { fileResponse } from '../file-response.ts'
import type { KeyRing } from '../key-ring.ts'
import type { Runtime } from '../runtime.ts'

/** What the upload endpoints are made of. */
export interface IngestParts {
  readonly receiver: Receiver
  readonly runtime: Runtime
  readonly keys: KeyRing
  readonly mounts: readonly Mount[]
  /** Apps that may be used; empty: any. */
  readonly apps: readonly string[]
  readonly maxUploads: number
  readonly log: Log
}

const NO_BODY = { 'Content-Length': '0' }
const STATUS: Record<UploadOutcome, number> = { created: 201, replaced: 200, same: 200, empty: 200 }

/** The upload endpoints: PUT and POST take a file, GET and HEAD read it back, DELETE is taken note of. */
export function ingestRoute(parts: IngestParts): (context: Context) => Promise<Response> {
  let running = 0
  return async (context) => {
    const { target, owner } = admitOrDrop(parts, context)
    const { method } = context.req
    if (method === 'GET' || method === 'HEAD') return readBack(parts, context, target, owner)
    const body = parts.runtime.body(context)
    try {
      if (running >= parts.maxUploads) throw new ReceiverError('too-many-uploads')
      running++
      try {
        return await change(parts, context, target, owner)
      } finally {
        running--
      }
    } catch (error) {
      // The answer goes out at once; reading on keeps the encoder, which would take a reset for the end.
      void body.discard()
      logRefused(parts, error, target)
      throw error
    }
  }
}

/** Encoders do not read answers, so that the log is where a refusal is seen; a query may hold a token. */
function logRefused({ log }: IngestParts, error: unknown, target?: UploadTarget): void {
  const { code } = asReceiverError(error)
  log.warn('refused', {
    code,
    ...(target === undefined ? {} : { app: target.app, name: target.name?.replace(/\?.*$/s, '') }),
  })
}

function admitOrDrop(parts: IngestParts, context: Context): { target: UploadTarget; owner: string } {
  try {
    return admit(parts, context)
  } catch (error) {
    void parts.runtime.body(context).discard()
    logRefused(parts, error)
    throw error
  }
}

/** Path, app and key, all from the head of the request: what fails here is answered before the body. */
function admit(parts: IngestParts, context: Context): { target: UploadTarget; owner: string } {
  const target = parseUploadTarget(parts.runtime.target(context), parts.mounts)
  if (target === null) throw new ReceiverError('not-found')
  const owner = parts.keys.authorise(target, context.req.header('authorization'))
  if (parts.apps.length > 0 && !parts.apps.includes(target.app)) throw new ReceiverError('app-unknown')
  return { target, owner }
}

async function change(parts: IngestParts, context: Context, target: UploadTarget, owner: string): Promise<Response> {
  const { receiver, runtime } = parts
  const { app, name } = target
  const body = runtime.body(context)
  const { method } = context.req
  if (name === null) {
    if (method !== 'POST') throw new ReceiverError('name-missing')
    await receiver.endOfStream(app, owner, body)
    return empty(200)
  }
  if (fileKind(name) === undefined) throw new ReceiverError('file-kind-unsupported')
  if (method === 'DELETE') {
    await body.discard()
    await receiver.delete({ app, name, owner })
    return empty(200)
  }
  if (context.req.header('content-range') !== undefined) throw new ReceiverError('content-range-unsupported')
  return empty(STATUS[await receiver.upload({ app, name, owner }, body)])
}

async function readBack(parts: IngestParts, context: Context, target: UploadTarget, owner: string): Promise<Response> {
  if (target.name === null) throw new ReceiverError('not-found')
  const file = await parts.receiver.origin.readBack({ app: target.app, name: target.name, owner })
  return fileResponse(file, context.req, 'no-store')
}

/** Encoders never read the body of an answer; unread bytes would even cost them their last files. */
function empty(status: number): Response {
  return new Response(null, { status, headers: NO_BODY })
}
