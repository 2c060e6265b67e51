import type { Context } from 'hono'
import { ReceiverError } from '../../core/errors.ts'
import { fileKind } from '../../core/file-kind.ts'
import type { ReadableFile } from '../../core/readable-file.ts'
import type { Receiver } from '../../core/receiver.ts'
import { baseName, safePath } from '../../core/upload-path.ts'
import { isAppName } from '../../core/upload-target.ts'
import { askedClip } from '../clip-query.ts'
import { CORS, fileResponse } from '../file-response.ts'
import type { Runtime } from '../runtime.ts'

/** A playlist changes with every segment; a second is the least that lets a CDN answer for many. */
const PLAYLIST_CACHE = 'public, max-age=1'
const SEGMENT_CACHE = 'public, max-age=31536000, immutable'
const PREFLIGHT_SECONDS = 86_400

/** Previews: pictures of streams, under `/:app/previews/`; the file of a stream that is live changes all the time. */
export function previewsRoute(receiver: Receiver, runtime: Runtime): (context: Context) => Promise<Response> {
  return async (context) => {
    const { app, name } = namedBy(runtime.target(context))
    return fileResponse(await receiver.origin.preview(app, name), context.req, PLAYLIST_CACHE)
  }
}

/** The origin: what players and CDNs read under `/:app/streams/`. */
export function originRoute(receiver: Receiver, runtime: Runtime): (context: Context) => Promise<Response> {
  return async (context) => {
    const target = runtime.target(context)
    const { app, name } = namedBy(target)
    const form = context.req.query('playlist')
    const dated = form === 'runs' ? undefined : receiver.origin.dated(app, name)
    if (dated !== undefined) return redirect(dated, target)
    const clip =
      fileKind(name) === 'playlist' ? askedClip(context.req.query('start'), context.req.query('end')) : undefined
    if (clip !== undefined && form !== undefined) throw new ReceiverError('query-invalid')
    const file = await (clip === undefined ? fileOf(receiver, app, name, form) : receiver.origin.clip(app, name, clip))
    return fileResponse(file, context.req, file.isImmutable ? SEGMENT_CACHE : PLAYLIST_CACHE)
  }
}

/** The app of a request target, and the name below its folder. Throws `not-found`, or what `safePath` throws. */
function namedBy(target: string): { app: string; name: string } {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  const [app = '', , ...parts] = path.split('/').filter((part) => part !== '')
  if (!isAppName(app)) throw new ReceiverError('not-found')
  return { app, name: safePath(parts) }
}

/** To the newest run, whose playlist lies beside: each run counts its own numbers, which never go back. */
function redirect(name: string, target: string): Response {
  const queryAt = target.indexOf('?')
  const query = queryAt < 0 ? '' : target.slice(queryAt)
  const headers = {
    ...CORS,
    'Cache-Control': PLAYLIST_CACHE,
    Location: `./${encodeURIComponent(baseName(name))}${query}`,
  }
  return new Response(null, { status: 302, headers })
}

/** A file as it is, or a playlist in the form that the query asks for. */
async function fileOf(receiver: Receiver, app: string, name: string, form: string | undefined): Promise<ReadableFile> {
  if (form === undefined || fileKind(name) !== 'playlist') return receiver.origin.serve(app, name)
  if (form === 'runs') return receiver.origin.runs(app, name)
  if (form !== 'vod' && form !== 'event') throw new ReceiverError('query-invalid')
  return receiver.origin.recording(app, name, form)
}

/** The answer that lets a browser send Range from any site. */
export function preflight(): Response {
  const headers = {
    ...CORS,
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': 'Range, If-None-Match, If-Modified-Since',
    'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
  }
  return new Response(null, { status: 204, headers })
}
