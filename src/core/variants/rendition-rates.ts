import { MAX_MEASURED_SEGMENTS, MAX_PLAYLIST_STATES } from '../limits.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import type { TimelineEntry } from '../playlist/timeline.ts'
import { lastServed, type MediaRecord } from '../playlist-record.ts'
import type { PlaylistState } from '../playlist-states.ts'
import type { StoredObject } from '../records.ts'
import { type BitRates, bitRates, type MeasuredSegment } from './bit-rates.ts'
import { isNothingServed, type StoredRange, servedSegments } from './served-segments.ts'

/** What is known of a playlist's rates. */
interface Measured {
  /** The served version that they are of, and the first number of its run; -1 where that is not known. */
  readonly version: number
  readonly run: number
  readonly rates: BitRates | undefined
  /** Sizes of segments, in bytes, by the numbers of their entries. */
  readonly sizes: ReadonlyMap<number, number>
}

/** The bit rates of media playlists as they are served: measured once for each version. */
export class RenditionRates {
  readonly #object: (app: string, stored: string) => StoredObject | undefined
  /** By app and name; those measured longest ago come first. */
  readonly #known = new Map<string, Measured>()

  constructor(object: (app: string, stored: string) => StoredObject | undefined) {
    this.#object = object
  }

  /**
   * Measured over the last MAX_MEASURED_SEGMENTS entries that are served and not sealed; undefined where none of them has a segment. As long as a run lasts,
   * its peak never goes down, unless the receiver starts again: players take it for what they need at most.
   */
  of(state: PlaylistState, record: MediaRecord, scanned: ScannedPlaylist): BitRates | undefined {
    const known = this.#known.get(state.key)
    const version = record.served?.version ?? 0
    if (known?.version === version) return known.rates
    const measured = this.#measure(state, record, scanned, known)
    this.#known.delete(state.key)
    this.#known.set(state.key, measured)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#known.delete(oldest)
    return measured.rates
  }

  #measure(
    { app, name }: PlaylistState,
    record: MediaRecord,
    scanned: ScannedPlaylist,
    known: Measured | undefined,
  ): Measured {
    if (isNothingServed(record)) return this.#before(app, name, record, known)
    const sizes = new Map<number, number>()
    const last = lastServed(record)
    const shown = record.timeline.entries.filter(({ number }) => number <= last)
    const first = Math.max(0, shown.length - MAX_MEASURED_SEGMENTS)
    const segments = shown.slice(first).map((entry, index): MeasuredSegment | undefined => {
      const bytes = known?.sizes.get(entry.number) ?? this.#bytes(app, entry, scanned, first + index)
      if (bytes === undefined) return undefined
      sizes.set(entry.number, bytes)
      return { bytes, seconds: Number.parseFloat(entry.identity) || 0 }
    })
    const run = record.timeline.run.firstNumber
    const rates = bitRates(segments, record.timeline.targetDuration)
    const before = known?.run === run ? (known.rates?.peak ?? 0) : 0
    const version = record.served?.version ?? 0
    return { version, run, sizes, rates: rates && { ...rates, peak: Math.max(rates.peak, before) } }
  }

  /** What was known of the run that is served still, or what its text tells. */
  #before(app: string, name: string, record: MediaRecord, known: Measured | undefined): Measured {
    const version = record.served?.version ?? 0
    if (known !== undefined) return { ...known, version }
    const segments = servedSegments(name, record).slice(-MAX_MEASURED_SEGMENTS)
    const measured = segments.map((segment): MeasuredSegment | undefined => {
      const bytes = segment && this.#size(app, segment)
      return bytes === undefined ? undefined : { bytes, seconds: segment?.seconds ?? 0 }
    })
    return { version, run: -1, sizes: new Map(), rates: bitRates(measured, record.timeline.targetDuration) }
  }

  /** The size of a segment, or of the part of it that is meant; undefined of a hole. */
  #bytes(app: string, { segment }: TimelineEntry, scanned: ScannedPlaylist, index: number): number | undefined {
    if (segment === undefined) return undefined
    return this.#size(app, { stored: segment.stored, range: scanned.entries[index]?.range })
  }

  #size(app: string, { stored, range }: StoredRange): number | undefined {
    return range === undefined ? this.#object(app, stored)?.size : range.end - range.start
  }
}
