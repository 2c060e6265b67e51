import { atMost } from '../at-most.ts'
import { type MediaPart, segmentInfo } from '../codecs/segment-info.ts'
import type { StreamInfo } from '../codecs/stream-info.ts'
import { CODECS_WAIT_MS, MAX_PLAYLIST_STATES } from '../limits.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import { sharedSites } from '../playlist/shared.ts'
import { sharedBinding } from '../playlist/timeline.ts'
import { lastServed, type MediaRecord } from '../playlist-record.ts'
import type { BodyContent, Host } from '../ports.ts'
import type { StoredObject } from '../records.ts'
import { isNothingServed, type ServedSegment, servedSegments } from './served-segments.ts'

/** What segments are read from. */
export interface RenditionInfosParts {
  readonly host: Host
  /** The object of a stored name, and its bytes. */
  object(app: string, stored: string): StoredObject | undefined
  content(app: string, object: StoredObject): Promise<BodyContent>
}

/** A segment and its init section. */
type Sample = Pick<ServedSegment, 'stored' | 'range' | 'init'>

/** The newest life of the encoder of which something is served. */
export interface LifeSample {
  readonly life: number
  /** What can be read of it; undefined where nothing can. */
  readonly sample: Sample | undefined
}

interface InfoOf extends LifeSample {
  readonly app: string
  readonly name: string
}

/** The life of what is served, while nothing of the newest one is. */
const LIFE_BEFORE = -1

/** What the segments of media playlists tell of them: read from the first one of each life of the encoder, and remembered. */
export class RenditionInfos {
  readonly #parts: RenditionInfosParts
  /** By app and name, of the life that begins with that number; those read longest ago come first. */
  readonly #known = new Map<string, { readonly life: number; readonly info: StreamInfo }>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(parts: RenditionInfosParts) {
    this.#parts = parts
  }

  /** What is known of the newest life that is served of a playlist; undefined while nothing was read of it. */
  of({ app, name, life }: InfoOf): StreamInfo | undefined {
    const known = this.#known.get(`${app}/${name}`)
    return life === LIFE_BEFORE || known?.life === life ? known?.info : undefined
  }

  /** Reads what is not known yet, once however many wait, for at most CODECS_WAIT_MS; what takes longer is known later. */
  async read(rendition: InfoOf): Promise<void> {
    const { app, name, life, sample } = rendition
    if (sample === undefined || this.of(rendition) !== undefined) return
    const key = `${app}/${name}`
    const reading = this.#running.get(key) ?? this.#read(app, key, life, sample)
    this.#running.set(key, reading)
    await atMost(this.#parts.host.clock, CODECS_WAIT_MS, reading)
  }

  async #read(app: string, key: string, life: number, { stored, range, init }: Sample): Promise<void> {
    try {
      const head = init && (await this.#part(app, init.stored, init.range))
      const body = await this.#part(app, stored, range)
      if (body === undefined || (init !== undefined && head === undefined)) return
      this.#remember(key, life, await segmentInfo(stored, body, head))
    } catch (cause) {
      this.#parts.host.log.warn('codecs not read', { app, name: stored, cause })
    } finally {
      this.#running.delete(key)
    }
  }

  async #part(app: string, stored: string, range: MediaPart['range']): Promise<MediaPart | undefined> {
    const object = this.#parts.object(app, stored)
    return object && { content: await this.#parts.content(app, object), range }
  }

  #remember(key: string, life: number, info: StreamInfo): void {
    this.#known.delete(key)
    this.#known.set(key, { life, info })
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#known.delete(oldest)
  }
}

/** The newest life of a playlist of which something is served. */
export function lifeSample(name: string, record: MediaRecord, scanned: ScannedPlaylist): LifeSample {
  return { life: lifeOf(record), sample: sampleOf(name, record, scanned) }
}

/** The number with which the newest life begins of which something is served; LIFE_BEFORE while that is not of this run. */
function lifeOf(record: MediaRecord): number {
  if (isNothingServed(record)) return LIFE_BEFORE
  const { firstNumber, appended = [] } = record.timeline.run
  return appended.findLast(({ number }) => number <= lastServed(record))?.number ?? firstNumber
}

/** The first served segment of that life that is here and not encrypted. */
function sampleOf(name: string, record: MediaRecord, scanned: ScannedPlaylist): Sample | undefined {
  if (isNothingServed(record)) return servedSegments(name, record).find((segment) => segment?.isEncrypted === false)
  const sites = sharedSites(scanned)
  const last = lastServed(record)
  const life = lifeOf(record)
  for (const [index, entry] of record.timeline.entries.entries()) {
    if (entry.number > last) return undefined
    const own = sites[index] ?? []
    if (entry.number < life || entry.segment === undefined || own.some(({ role }) => role === 'key')) continue
    const map = own.find(({ role }) => role === 'map')
    const bound = map && sharedBinding(entry, map.uri)?.bound
    if (map !== undefined && !bound) continue
    const init = bound ? { stored: bound.stored, range: map?.range } : undefined
    return { stored: entry.segment.stored, range: scanned.entries[index]?.range, init }
  }
  return undefined
}
