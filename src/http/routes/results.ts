import { type Context, Hono } from 'hono'
import { asReceiverError, ReceiverError } from '../../core/errors.ts'
import type { OrdersOut } from '../../core/making/orders-out.ts'
import type { Log } from '../../core/ports.ts'
import type { KeyRing } from '../key-ring.ts'
import type { Runtime } from '../runtime.ts'

/** What answers workers on other machines. */
export interface ResultParts {
  readonly orders: OrdersOut
  readonly runtime: Runtime
  readonly keys: KeyRing
  readonly log: Log
}

/** How long a result plays, in whole ms; of a picture 0. */
const DURATION_HEADER = 'x-duration-ms'
const WHOLE_MS = /^\d{1,15}$/
const PERCENT = /^(?:\d{1,2}|100)$/

/** What workers ask under `/jobs`: whether their key fits, whether a job is still wanted, and that its file be taken. */
export function resultRoutes(parts: ResultParts): Hono {
  const { orders, runtime } = parts
  const routes = new Hono()
  const add = (method: string, path: string, handle: Handle) => routes.on(method, path, guarded(parts, handle))
  add('GET', '/jobs', async () => new Response(null, { status: 204 }))
  add('POST', '/jobs/:id/progress', async (context, id) => {
    orders.goesOn(id, numberIn(context.req.query('percent'), PERCENT))
    return new Response(null, { status: 204 })
  })
  add('PUT', '/jobs/:id/result', async (context, id) => {
    const durationMs = numberIn(context.req.header(DURATION_HEADER), WHOLE_MS)
    await orders.take(id, durationMs, runtime.body(context))
    return new Response(null, { status: 201 })
  })
  return routes
}

type Handle = (context: Context, id: string) => Promise<Response>

function guarded({ keys, runtime, log }: ResultParts, handle: Handle): (context: Context) => Promise<Response> {
  return async (context) => {
    try {
      keys.admitWorker(context.req.header('authorization'))
      return await handle(context, context.req.param('id') ?? '')
    } catch (error) {
      log.warn('refused', { code: asReceiverError(error).code, method: context.req.method })
      throw error
    } finally {
      // Whoever still sends gets the answer instead of a reset.
      if (context.req.method !== 'GET') void runtime.body(context).discard()
    }
  }
}

function numberIn(text: string | undefined, pattern: RegExp): number {
  if (text === undefined || !pattern.test(text)) throw new ReceiverError('request-invalid')
  return Number(text)
}
