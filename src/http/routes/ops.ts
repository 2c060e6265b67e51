import type { Context } from 'hono'
import type { KeyRing } from '../key-ring.ts'

/** What the process says of itself. */
export interface Health {
  /** False from the moment it is told to stop. */
  isReady(): boolean
  /** Numbers for those with an admin key. */
  details(): Record<string, number>
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
