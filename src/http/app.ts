import { type Context, Hono } from 'hono'
import { asReceiverError, type ErrorCode, ReceiverError } from '../core/errors.ts'
import type { OrdersOut } from '../core/making/orders-out.ts'
import type { Management } from '../core/management/management.ts'
import { leavesFolder } from '../core/upload-path.ts'
import type { Mount } from '../core/upload-target.ts'
import { errorResponse } from './error-response.ts'
import { type IngestParts, ingestRoute } from './routes/ingest.ts'
import { type Health, healthz, type MetricsText, metricsPage, readyz } from './routes/ops.ts'
import { originRoute, preflight, previewsRoute } from './routes/origin.ts'
import { openApiDocument } from './routes/rest/openapi.ts'
import { openApiRoutes } from './routes/rest/openapi-routes.ts'
import { OPERATIONS, restRoutes } from './routes/rest/rest.ts'
import { resultRoutes } from './routes/results.ts'

/** What the HTTP surface is made of. */
export interface AppParts extends IngestParts {
  readonly health: Health
  readonly metrics: MetricsText
  /** What the management API manages; without it there is none. */
  readonly management?: Management
  /** What workers on other machines work at; without it there are none. */
  readonly orders?: OrdersOut
  /** Whether programs on this machine may manage without an admin key where there are none: nobody else may reach the listener. */
  readonly isOpen?: boolean
}

const INGEST_METHODS = ['PUT', 'POST', 'GET', 'DELETE']
const UPLOAD_METHODS = new Set(['PUT', 'POST', 'DELETE'])

/** The whole HTTP surface; it knows no runtime and no store. */
export function createApp(parts: AppParts): Hono {
  const app = new Hono()
  const { receiver, runtime, keys, health, metrics, log } = parts
  app.get('/healthz', healthz)
  app.get('/readyz', (context) => readyz(health, keys, context))
  app.get('/metrics', (context) => metricsPage(metrics, keys, context))
  const { management, apps, isOpen = false } = parts
  app.route('/', openApiRoutes(openApiDocument(management === undefined ? [] : OPERATIONS)))
  // Before the upload endpoints, which may be mounted anywhere.
  if (management !== undefined) app.route('/', restRoutes({ management, runtime, keys, apps, isOpen, log }))
  if (parts.orders !== undefined) app.route('/', resultRoutes({ orders: parts.orders, runtime, keys, log }))
  const origin = guarded(parts, originRoute(receiver, runtime))
  app.get('/:app/streams/*', origin)
  app.get('/:app/previews/*', guarded(parts, previewsRoute(receiver, runtime)))
  for (const folder of ['streams', 'previews']) app.options(`/:app/${folder}/*`, preflight)
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
  parts: AppParts,
  handle: (context: Context) => Promise<Response>,
): (context: Context) => Promise<Response> {
  return async (context) => {
    if (leavesFolder(parts.runtime.target(context))) return refuse(parts, context, 'path-forbidden')
    return handle(context)
  }
}

async function notHere(parts: AppParts, context: Context): Promise<Response> {
  const isOrigin = /^\/[^/]+\/(?:streams|previews)\//.test(context.req.path)
  return refuse(parts, context, isOrigin ? 'method-not-allowed' : 'not-found')
}

/** Encoders do not read answers: what is refused is seen in the log. The path stays out of it, since it may hold a key. */
function refuse({ runtime, log }: AppParts, context: Context, code: ErrorCode): never {
  void runtime.body(context).discard()
  const { method } = context.req
  if (UPLOAD_METHODS.has(method)) log.warn('refused', { code, method })
  throw new ReceiverError(code)
}

/** Route patterns of an endpoint: itself and all below it, without and with a key in the path. */
function pathsOf({ app, parts }: Mount): string[] {
  const literal = parts.join('/')
  const root = app === null ? '/:app/' : '/'
  return [root + literal, `${root}k/:key/${literal}`].flatMap((path) => [path, `${path}/*`])
}
