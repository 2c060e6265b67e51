import { runsOf } from '../archive/runs.ts'
import { MAX_PLAYLIST_STATES } from '../limits.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import { hasTag } from '../playlist/tags.ts'
import { isServedEnded, lastServed, liveSinceOf, type MediaRecord } from '../playlist-record.ts'
import type { PlaylistState, PlaylistStates } from '../playlist-states.ts'
import type { Journal } from '../ports.ts'
import type { StoredObject } from '../records.ts'
import type { BitRates } from './bit-rates.ts'
import type { LiveTime } from './one-time.ts'
import { type LifeSample, lifeSample } from './rendition-infos.ts'
import { RenditionRates } from './rendition-rates.ts'

/** What renditions are read from. */
export interface RenditionSummariesParts {
  readonly journal: Journal
  readonly states: PlaylistStates
  /** The object of a stored name. */
  object(app: string, stored: string): StoredObject | undefined
}

/** What counts of a media playlist that is served. */
export interface Rendition extends LiveTime, LifeSample {
  readonly app: string
  readonly name: string
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
  /** When it got its newest version, in ms since the epoch; undefined once it has ended. */
  readonly liveSince: number | undefined
  readonly isIndependent: boolean
  /** Undefined where nothing can be measured. */
  readonly rates: BitRates | undefined
}

/** The renditions that were asked for, remembered beyond their records: those of long lists cost too much to be read again. */
export class RenditionSummaries {
  readonly #parts: RenditionSummariesParts
  readonly #rates: RenditionRates
  /** By app and name, each with the record that it is of; those taken up longest ago come first. */
  readonly #known = new Map<string, { readonly of: WeakRef<MediaRecord>; readonly rendition: Rendition }>()

  constructor(parts: RenditionSummariesParts) {
    this.#parts = parts
    this.#rates = new RenditionRates(parts.object)
  }

  /** That of a playlist; undefined of one that is not served. Its record is read only where nothing is known of it. */
  of(app: string, name: string): Rendition | undefined {
    const { states } = this.#parts
    const held = states.held(app, name)
    const known = this.#known.get(`${app}/${name}`)
    if (known !== undefined && (held === undefined || known.of.deref() === held.record)) return known.rendition
    this.forget(app, name)
    const state = held ?? states.find(app, name)
    const { record, scanned } = state ?? {}
    if (state === undefined || record?.kind !== 'media' || scanned === undefined) return undefined
    const rendition = this.#summary(state, record, scanned)
    if (rendition !== undefined) this.#remember(state.key, record, rendition)
    return rendition
  }

  /** What is known of a playlist is not of its newest version. */
  forget(app: string, name: string): void {
    this.#known.delete(`${app}/${name}`)
  }

  #summary(state: PlaylistState, record: MediaRecord, scanned: ScannedPlaylist): Rendition | undefined {
    const { app, name } = state
    const { served } = record
    if (served === undefined) return undefined
    return {
      app,
      name,
      version: served.version,
      publishedAt: served.publishedAt,
      liveSince: liveSinceOf(record),
      isIndependent: served.head.split('\n').some((line) => hasTag(line, '#EXT-X-INDEPENDENT-SEGMENTS')),
      rates: this.#rates.of(state, record, scanned),
      ...liveTime(this.#parts.journal, state, record),
      ...lifeSample(name, record, scanned),
    }
  }

  #remember(key: string, record: MediaRecord, rendition: Rendition): void {
    this.#known.set(key, { of: new WeakRef(record), rendition })
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#known.delete(oldest)
  }
}

/** When what is served of a playlist was live. */
function liveTime(journal: Journal, { app, name }: PlaylistState, record: MediaRecord): LiveTime {
  const { acceptedAt, targetDuration, hasEndlist } = record.timeline
  const isEnded = isServedEnded(record)
  // A run that has begun since then is not served yet.
  const newestAt = isEnded && !hasEndlist ? (record.served?.publishedAt ?? acceptedAt) : acceptedAt
  const run = isEnded ? runsOf(journal, app, name).findLast(({ number }) => number <= lastServed(record)) : undefined
  return { isEnded, startedAt: run?.startedAt ?? newestAt, newestAt, targetDuration }
}
