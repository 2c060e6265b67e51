import type { z } from 'zod'
import type { Management } from '../../../core/management/management.ts'
import type { RequestBody, SentForm } from '../../runtime.ts'

/** A request that was let in. */
export interface Call {
  readonly app: string
  readonly management: Management
  /** Media type of the body, in lower case and without parameters; empty where none is told. */
  readonly bodyType: string
  readonly body: RequestBody
  /** Throws `form-invalid`. */
  form(): SentForm
}

/** One thing that can be asked of the API: what the route, its checks and its description are all made from. */
export interface Operation<Input extends z.ZodObject = z.ZodObject> {
  readonly method: 'get' | 'put' | 'post' | 'delete'
  /** Below `/{app}/rest/v2`, with parameters in braces. */
  readonly path: string
  readonly summary: string
  /** Parameters: those in braces in the path, which come not decoded, the others in the query. */
  readonly input: Input
  /** Media type → what a body must be. */
  readonly bodies?: Readonly<Record<string, z.ZodType | 'binary' | 'form'>>
  /** Status → answer; 200 always. Each has a name in NAMED. */
  readonly answers: Readonly<Record<number, z.ZodType>>
  handle(asked: z.output<Input>, call: Call): Response | Promise<Response>
}

/** Ties the type of `asked` to the input. */
export function operation<Input extends z.ZodObject>(parts: Operation<Input>): Operation {
  return parts
}

/** An answer of the API: JSON that nobody keeps. */
export function answer(value: unknown, status = 200): Response {
  const headers = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }
  return Response.json(value, { status, headers })
}
