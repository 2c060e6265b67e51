import type { Context } from 'hono'
import { ReceiverError } from '../../core/errors.ts'
import type { KeyRing } from '../key-ring.ts'

/** What the process says of itself. */
export interface Health {
  /** False from the moment it is told to stop. */
  isReady(): boolean
  /** Numbers for those with an admin key. */
  details(): Record<string, number>
}

/** Numbers for Prometheus. */
export interface MetricsText {
  readonly contentType: string
  text(): Promise<string>
}

/** Alive: the process answers. */
export function healthz(): Response {
  return Response.json({ status: 'ok' })
}

/** Ready: uploads are welcome; 503 while stopping. */
export function readyz(health: Health, keys: KeyRing, context: Context): Response {
  const ready = health.isReady()
  const details = keys.isAdmin(context.req.header('authorization')) ? health.details() : {}
  return Response.json({ status: ready ? 'ready' : 'stopping', ...details }, { status: ready ? 200 : 503 })
}

/** Numbers for Prometheus; where there are admin keys, for those who have one. */
export async function metricsPage(
  { contentType, text }: MetricsText,
  keys: KeyRing,
  context: Context,
): Promise<Response> {
  if (keys.hasAdmins && !keys.isAdmin(context.req.header('authorization'))) throw new ReceiverError('key-missing')
  return new Response(await text(), { headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' } })
}
