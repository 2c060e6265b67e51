import type { Context } from 'hono'
import type { BodySource } from '../core/ports.ts'

/** A request body that may also be left unread. */
export interface RequestBody extends BodySource {
  /** Reads on and drops, within bounds, so that the sender gets its answer instead of a reset. */
  discard(): Promise<void>
}

/** What the app needs of a request and only the runtime knows. */
export interface Runtime {
  /** The request target as it was sent: path and query, not normalised. */
  target(context: Context): string
  body(context: Context): RequestBody
}
