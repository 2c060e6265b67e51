import { ARRIVAL_DRIFT_MS } from '../limits.ts'
import { hasTag, tagValue } from '../playlist/tags.ts'
import type { ArchivedEntry } from './archived-entry.ts'

/** When an entry begins and ends, in ms since the epoch. */
export interface EntryTime {
  readonly begin: number
  readonly end: number
  /** By EXT-X-PROGRAM-DATE-TIME, its own or one before it; else by when its segment came. */
  readonly isDated: boolean
  /** By its own. */
  readonly hasOwnDate: boolean
}

/** The duration that an entry's line says, in s. */
export function durationOf({ lines }: ArchivedEntry): number {
  return Number.parseFloat(tagValue(lines.find((line) => hasTag(line, '#EXTINF')) ?? '')) || 0
}

/** EXT-X-PROGRAM-DATE-TIME of an entry's own lines, in ms since the epoch; undefined where there is none that can be read. */
function ownDateOf({ lines }: ArchivedEntry): number | undefined {
  const line = lines.find((each) => hasTag(each, '#EXT-X-PROGRAM-DATE-TIME'))
  const date = line === undefined ? Number.NaN : Date.parse(tagValue(line))
  return Number.isNaN(date) ? undefined : date
}

/**
 * Tells when the entries of a recording were live, one after the other: by their dates, which count on up to the next
 * discontinuity (RFC 8216bis section 4.4.4.6), else by when they were first named, less their duration.
 */
export class EntryTimes {
  #before: EntryTime | undefined

  /** Goes on behind an entry; undefined: at the beginning. */
  constructor(before: EntryTime | undefined) {
    this.#before = before
  }

  next(entry: ArchivedEntry): EntryTime {
    const own = ownDateOf(entry)
    const ms = durationOf(entry) * 1_000
    const isDated = own !== undefined || (this.#before?.isDated === true && !entry.isBreak)
    const begin = own ?? (isDated ? this.#before?.end : this.#byArrival(entry, ms)) ?? 0
    this.#before = { begin, end: begin + ms, isDated, hasOwnDate: own !== undefined }
    return this.#before
  }

  /** Segments come by fits and starts, and play one after the other all the same; only a pause moves what follows. */
  #byArrival({ namedAt, isBreak }: ArchivedEntry, ms: number): number | undefined {
    const until = this.#before?.end
    if (namedAt === undefined) return until
    const came = namedAt - ms
    const isMoved = until === undefined || came > until + (isBreak ? 0 : ARRIVAL_DRIFT_MS)
    return isMoved ? came : until
  }
}
