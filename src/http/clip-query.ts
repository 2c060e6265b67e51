import type { ClipRange } from '../core/archive/clip.ts'
import { ReceiverError } from '../core/errors.ts'

/** A clip as it is asked for, and the query that asks the same of its renditions. */
export interface AskedClip {
  readonly range: ClipRange
  readonly query: string
}

/** Whole seconds since 1970 up to the year 5138, as Ant Media Server has them, or with decimals. */
const SECONDS = /^\d{1,11}(?:\.\d{1,6})?$/
/** ISO 8601 with a time zone; the plus sign of one may have become a space in the query. */
const ISO_8601 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[ +-]\d\d:?\d\d)$/

/** Reads the query's `start` and `end`; undefined where it has neither. Throws `clip-range-invalid`. */
export function askedClip(start: string | undefined, end: string | undefined): AskedClip | undefined {
  if (start === undefined && end === undefined) return undefined
  const range = {
    start: start === undefined ? undefined : momentOf(start),
    end: end === undefined ? undefined : momentOf(end),
  }
  if (range.start !== undefined && range.end !== undefined && range.start >= range.end)
    throw new ReceiverError('clip-range-invalid')
  const asked = Object.entries({ start, end })
  const query = asked.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
  return { range, query: query.join('&') }
}

/** In ms since the epoch. */
function momentOf(written: string): number {
  const [, time, zone] = ISO_8601.exec(written) ?? []
  const ms = SECONDS.test(written) ? Number(written) * 1_000 : Date.parse(`${time}${zone?.replace(' ', '+')}`)
  if (Number.isNaN(ms)) throw new ReceiverError('clip-range-invalid')
  return ms
}
