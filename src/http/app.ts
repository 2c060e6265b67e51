import { type Context, Hono } from 'hono'
import { asReceiverError, ReceiverError } from '../core/errors.ts'
import { leavesFolder } from '../core/upload-path.ts'
import type { Mount } from '../core/upload-target.ts'
import { errorResponse } from './error-response.ts'
import { type IngestParts, ingestRoute } from './routes/ingest.ts'
import { type Health, healthz, type MetricsText, metricsPage, readyz } from './routes/ops.ts'
import { originRoute, preflight } from './routes/origin.ts'

/** What the HTTP surface is made of. */
export interface AppParts extends IngestParts {
  readonly health: Health
  readonly metrics: MetricsText
}

const INGEST_METHODS = ['PUT', 'POST', 'GET', 'DELETE']

/** The whole HTTP surface; it knows no runtime and no store. */
export function createApp(parts: AppParts): Hono {
  const app = new Hono()
  const { receiver, runtime, keys, health, metrics, log } = parts
  app.get('/healthz', healthz)
  app.get('/readyz', (context) => readyz(health, keys, context))
  app.get('/metrics', (context) => metricsPage(metrics, keys, context))
  const origin = guarded(parts, originRoute(receiver, runtime))
  app.get('/:app/streams/*', origin)
  app.options('/:app/streams/*', preflight)
  const ingest = guarded(parts, ingestRoute(parts))
  for (const path of parts.mounts.flatMap(pathsOf)) app.on(INGEST_METHODS, path, ingest)
  app.all(
    '*',
    guarded(parts, (context) => notHere(parts, context)),
  )
  app.onError((error) => {
    const known = asReceiverError(error)
    if (known.status >= 500) log.error('request failed', { code: known.code, cause: known.cause ?? error })
    const range = known.code === 'range-not-satisfiable' && known.detail !== undefined
    return errorResponse(known, range ? { 'Content-Range': known.detail ?? '' } : {})
  })
  return app
}

/** Refuses targets that leave their folder: Hono's own path is normalised already and would not show it. */
function guarded(
  { runtime }: AppParts,
  handle: (context: Context) => Promise<Response>,
): (context: Context) => Promise<Response> {
  return async (context) => {
    if (leavesFolder(runtime.target(context))) {
      void runtime.body(context).discard()
      throw new ReceiverError('path-forbidden')
    }
    return handle(context)
  }
}

async function notHere(parts: AppParts, context: Context): Promise<Response> {
  void parts.runtime.body(context).discard()
  const isOrigin = /^\/[^/]+\/streams\//.test(context.req.path)
  throw new ReceiverError(isOrigin ? 'method-not-allowed' : 'not-found')
}

/** Route patterns of an endpoint: itself and all below it, without and with a key in the path. */
function pathsOf({ app, parts }: Mount): string[] {
  const literal = parts.join('/')
  const root = app === null ? '/:app/' : '/'
  return [root + literal, `${root}k/:key/${literal}`].flatMap((path) => [path, `${path}/*`])
}
