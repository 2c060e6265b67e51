import { runsOf } from '../archive/runs.ts'
import { UNKNOWN_STREAM } from '../codecs/stream-info.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import { hasTag } from '../playlist/tags.ts'
import { isServedEnded, lastServed, type MediaRecord } from '../playlist-record.ts'
import type { PlaylistState, PlaylistStates } from '../playlist-states.ts'
import type { ServedPlaylist } from '../playlist-text.ts'
import type { Journal } from '../ports.ts'
import { toBytes } from '../records.ts'
import { type LiveTime, ofOneTime } from './one-time.ts'
import { RenditionInfos, type RenditionInfosParts } from './rendition-infos.ts'
import { RenditionRates } from './rendition-rates.ts'
import { renditionsOf } from './renditions.ts'
import { renderVariants, type VariantList, variantOf } from './variant-list.ts'

/** What multivariant playlists are made of. */
export interface MadeVariantsParts extends RenditionInfosParts {
  readonly journal: Journal
  readonly states: PlaylistStates
}

/** A media playlist that is served. */
interface Rendition extends LiveTime {
  readonly state: PlaylistState
  readonly record: MediaRecord
  readonly scanned: ScannedPlaylist
}

/** Makes the multivariant playlist `STREAM_adaptive.m3u8` of the media playlists of a stream, where its encoder sent none. */
export class MadeVariants {
  readonly #parts: MadeVariantsParts
  readonly #infos: RenditionInfos
  readonly #rates: RenditionRates

  constructor(parts: MadeVariantsParts) {
    this.#parts = parts
    this.#infos = new RenditionInfos(parts)
    this.#rates = new RenditionRates(parts.object)
  }

  /** How many media playlists are served that a multivariant one of this name is made of; 0 where one was uploaded. */
  count(app: string, name: string): number {
    return this.#renditions(app, name).length
  }

  /** Reads what is not known yet of the segments of its playlists. */
  async read(app: string, name: string): Promise<void> {
    const renditions = this.#renditions(app, name)
    await Promise.all(renditions.map(({ state, record, scanned }) => this.#infos.read(state, record, scanned)))
  }

  /** The playlist with what is known at this moment; undefined where one was uploaded, or nothing can be presented. */
  list(app: string, name: string): VariantList | undefined {
    const renditions = this.#renditions(app, name)
    const variants = renditions.flatMap(({ state, record, scanned }) => {
      const rates = this.#rates.of(state, record, scanned)
      return rates === undefined ? [] : [variantOf(state.name, rates, this.#infos.of(state, record) ?? UNKNOWN_STREAM)]
    })
    return variants.length === 0 ? undefined : { variants, isIndependent: renditions.every(isIndependent) }
  }

  /** The same as players get it. */
  served(app: string, name: string): ServedPlaylist | undefined {
    const list = this.list(app, name)
    if (list === undefined) return undefined
    const parts = this.#renditions(app, name).flatMap(({ record }) => record.served ?? [])
    return {
      bytes: toBytes(renderVariants(name, list)),
      version: parts.reduce((sum, { version }) => sum + version, 0),
      publishedAt: Math.max(...parts.map(({ publishedAt }) => publishedAt)),
    }
  }

  #renditions(app: string, name: string): Rendition[] {
    const { journal, states } = this.#parts
    if (states.find(app, name)?.record !== undefined) return []
    const found = renditionsOf(journal, app, name)
    return ofOneTime(found.flatMap((each) => this.#rendition(app, each) ?? []))
  }

  #rendition(app: string, name: string): Rendition | undefined {
    const state = this.#parts.states.find(app, name)
    const { record, scanned } = state ?? {}
    const isServed = record?.kind === 'media' && record.served !== undefined
    if (state === undefined || !isServed || scanned === undefined) return undefined
    return { state, record, scanned, ...liveTime(this.#parts.journal, state, record) }
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

function isIndependent({ record }: Rendition): boolean {
  return record.served?.head.split('\n').some((line) => hasTag(line, '#EXT-X-INDEPENDENT-SEGMENTS')) === true
}
