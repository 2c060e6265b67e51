import { createHash } from 'node:crypto'
import { z } from 'zod'
import { JobError } from '../core/jobs/job.ts'
import type { MakeOrder } from '../core/making/order.ts'
import { safePath } from '../core/upload-path.ts'
import { isAppName } from '../core/upload-target.ts'

/** In bytes. */
const offset = z.int().min(0)
/** A stored name, as the receiver serves it: below its app, with nothing in it that leads elsewhere. */
const stored = z.string().refine(isStoredName)
const key = z.strictObject({ stored, iv: z.string().regex(/^[0-9a-f]{32}$/i) })
const range = z.strictObject({ start: offset, end: offset }).refine(({ start, end }) => start < end)
const file = z.strictObject({ stored, range: range.exactOptional(), key: key.exactOptional() })
const part = z.strictObject({
  init: file.exactOptional(),
  files: z.array(file).min(1),
  seconds: z.number().min(0),
})
const order = z.strictObject({
  id: z.string().regex(/^[0-9a-z-]{1,64}$/),
  app: z.string().refine(isAppName),
  format: z.enum(['mp4', 'webm', 'png', 'jpg', 'webp']),
  height: z.number().min(1).max(10_000).exactOptional(),
  quality: z.number().min(1).max(100).exactOptional(),
  parts: z.array(part).min(1),
})

const failure = z.strictObject({
  code: z.string().regex(/^[a-z-]{1,40}$/),
  text: z.string().max(4_000),
  retryable: z.union([z.boolean(), z.literal('outage')]),
})
/** How much of what is no failure of ours is told, in characters. */
const MAX_FOREIGN_TEXT = 200

/** Digits of the digest at the end of an order's id in the queue. */
const DIGEST_DIGITS = 16

/** What tells the text of an order from others. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_DIGITS)
}

/** Whether what is found in the queue was put there under its id, and not in the place of something else. */
export function isOrderOf(id: string, found: unknown): boolean {
  return id.endsWith(`-${digestOf(JSON.stringify(found) ?? '')}`)
}

/** An order as a worker finds it in the queue, where others may have put it. Throws JobError `order-invalid`. */
export function readOrder(found: unknown): MakeOrder {
  const { data } = order.safeParse(found)
  if (data === undefined) throw new JobError('order-invalid', 'The order in the queue is none.', { retryable: true })
  return data
}

/** Why an order failed, for the queue. */
export function failureText({ code, message, retryable }: JobError): string {
  return JSON.stringify({ code, text: message, retryable })
}

/** The same from the queue; what is no text of ours is BullMQ's, as where worker after worker died. */
export function readFailure(text: string): JobError {
  const { data } = failure.safeParse(parsed(text))
  if (data !== undefined) return new JobError(data.code, data.text, { retryable: data.retryable })
  return new JobError('worker-failed', `The worker failed: ${text.slice(0, MAX_FOREIGN_TEXT)}`, { retryable: true })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether the receiver reads it out of the path that a worker asks for as it is. */
function isStoredName(name: string): boolean {
  try {
    return safePath(name.split('/').map(encodeURIComponent)) === name
  } catch {
    return false
  }
}
