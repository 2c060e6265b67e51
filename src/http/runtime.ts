import type { Context } from 'hono'
import type { BodySource } from '../core/ports.ts'

/** A request body that may also be left unread. */
export interface RequestBody extends BodySource {
  /** Reads on and drops, within bounds, so that the sender gets its answer instead of a reset. */
  discard(): Promise<void>
}

/** A form with a file in it, while it is being sent (RFC 7578). */
export interface SentForm {
  /** The part named `file`; its `read` resolves when the whole form has come. It rejects with `form-invalid` too. */
  readonly file: BodySource
  /** A field beside it; known, wherever it stands in the form, when the file has been read. */
  field(name: string): string | undefined
}

/** What the app needs of a request and only the runtime knows. */
export interface Runtime {
  /** The request target as it was sent: path and query, not normalised. */
  target(context: Context): string
  body(context: Context): RequestBody
  /** The body as a form that is read as it comes. Throws `form-invalid` where it says that it is none. */
  form(context: Context): SentForm
}
