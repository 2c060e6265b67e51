import { type Context, Hono } from 'hono'
import { asReceiverError, type ErrorCode, ReceiverError } from '../../../core/errors.ts'
import type { Management } from '../../../core/management/management.ts'
import type { Log } from '../../../core/ports.ts'
import { leavesFolder } from '../../../core/upload-path.ts'
import { isAppName } from '../../../core/upload-target.ts'
import { errorResponse } from '../../error-response.ts'
import type { Runtime } from '../../runtime.ts'
import { BROADCAST_OPERATIONS } from './broadcasts.ts'
import { admit, type GuardRules } from './guard.ts'
import { JOB_OPERATIONS } from './jobs.ts'
import { checked } from './json-body.ts'
import type { Operation } from './operation.ts'
import { VOD_OPERATIONS } from './vods.ts'

/** What the management API is made of. */
export interface RestParts extends GuardRules {
  readonly management: Management
  readonly runtime: Runtime
  /** Apps that may be used; empty: any. */
  readonly apps: readonly string[]
  readonly log: Log
}

/** Everything that can be asked. */
export const OPERATIONS: readonly Operation[] = [...BROADCAST_OPERATIONS, ...VOD_OPERATIONS, ...JOB_OPERATIONS]

const ROOT = '/:app/rest/v2'
/** Parts of a path before those of an operation. */
const ROOT_PARTS = 3

/** The management API under `/:app/rest/v2`, as AMS has it. Nothing of it answers without the guard, wrong paths neither. */
export function restRoutes(parts: RestParts): Hono {
  const rest = new Hono()
  const refuse = (code: ErrorCode) => guarded(parts, () => Promise.reject(new ReceiverError(code)))
  for (const operation of OPERATIONS) {
    const handle = guarded(parts, (context) => operate(parts, operation, context))
    for (const path of routesOf(operation)) rest.on(operation.method.toUpperCase(), path, handle)
  }
  for (const path of new Set(OPERATIONS.flatMap(routesOf))) rest.all(path, refuse('method-not-allowed'))
  for (const path of [ROOT, `${ROOT}/*`]) rest.all(path, refuse('not-found'))
  rest.onError((error) => failed(parts.log, error))
  return rest
}

/** As in AMS, a slash may follow. */
function routesOf({ path }: Operation): string[] {
  const route = ROOT + path.replace(/\{(\w+)\}/g, ':$1')
  return [route, `${route}/`]
}

type Handle = (context: Context) => Promise<Response>

function guarded(parts: RestParts, handle: Handle): Handle {
  return async (context) => {
    const { method } = context.req
    try {
      admit(parts, (name) => context.req.header(name))
      if (leavesFolder(parts.runtime.target(context))) throw new ReceiverError('path-forbidden')
      return await handle(context)
    } catch (error) {
      const { code } = asReceiverError(error)
      if (method !== 'GET' && method !== 'HEAD') parts.log.warn('refused', { code, method })
      throw error
    } finally {
      // Whoever still sends gets the answer instead of a reset.
      if (method !== 'GET' && method !== 'HEAD') void parts.runtime.body(context).discard()
    }
  }
}

async function operate(parts: RestParts, { path, input, handle }: Operation, context: Context): Promise<Response> {
  const { management, runtime } = parts
  const [app = '', ...rest] = pathParts(runtime.target(context))
  if (!isAppName(app)) throw new ReceiverError('not-found')
  if (parts.apps.length > 0 && !parts.apps.includes(app)) throw new ReceiverError('app-unknown')
  const names = path.split('/').slice(1)
  const values = Object.keys(input.shape).map((name) => {
    const at = names.indexOf(`{${name}}`)
    return [name, at < 0 ? context.req.query(name) : rest[at + ROOT_PARTS - 1]]
  })
  const [bodyType = ''] = (context.req.header('content-type') ?? '').split(';')
  return handle(checked(input, Object.fromEntries(values)), {
    app,
    management,
    bodyType: bodyType.trim().toLowerCase(),
    body: runtime.body(context),
    form: () => runtime.form(context),
  })
}

/** Parts of the path of a target, not decoded: Hono's own would not tell a slash from %2F. */
function pathParts(target: string): string[] {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  return path.split('/').slice(1)
}

/** No page of another site may read what is answered here. */
function failed(log: Log, error: Error): Response {
  const known = asReceiverError(error)
  if (known.status >= 500) log.error('request failed', { code: known.code, cause: known.cause ?? error })
  const response = errorResponse(known)
  response.headers.delete('Access-Control-Allow-Origin')
  return response
}
