import { WEBHOOK_RETRY_AFTER_MAX_MS } from '../limits.ts'

/** The first and the longest pause between two attempts, in ms. */
export interface RetryPauses {
  readonly firstMs: number
  readonly longestMs: number
}

/**
 * How long to wait after so many failures in a row, in ms: twice as long each time, less up to half of it by chance (`random`, from 0 to
 * 1); longer where the answer asked for it.
 */
export function pauseAfter(failures: number, retryAfterMs: number, pauses: RetryPauses, random: number): number {
  const ms = Math.min(pauses.firstMs * 2 ** (failures - 1), pauses.longestMs)
  return Math.max(ms / 2 + (random * ms) / 2, Math.min(retryAfterMs, WEBHOOK_RETRY_AFTER_MAX_MS))
}

/** What `Retry-After` asks for, in ms: seconds, or a date (RFC 9110 section 10.2.3); 0 where it says nothing. */
export function readRetryAfter(text: string | undefined, now: number): number {
  if (text === undefined) return 0
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}
