import { leaks } from './leaks.ts'
import type { OriginAnswer, OriginReader } from './origin-reader.ts'
import { PlaylistWatch } from './playlist-watch.ts'
import { readServed, type ServedEntry, type ServedRange } from './served-playlist.ts'

/** One fetch of what a playlist named. */
export interface Sample {
  /** How many texts the playlist had had with this one. */
  readonly version: number
  readonly entry: ServedEntry
  readonly role: 'segment' | 'map' | 'key'
  /** As written. */
  readonly uri: string
  readonly url: string
  readonly range: ServedRange | undefined
  readonly status: number
  readonly hash: string
}

/** When a number was first served as a segment, and not as a GAP; in ms since the epoch. */
export interface Sighting {
  readonly seenAt: number
  /** When the last look began that did not find it. */
  readonly missingAt: number
}

/** Follows one playlist of an origin as a viewer does, and fetches whatever it names. */
export class PlaylistFollower {
  /** By number. */
  readonly sightings = new Map<number, Sighting>()
  /** When the last look began that was answered. */
  lookedAt = Number.NEGATIVE_INFINITY
  readonly samples: Sample[] = []
  /** Sentences that begin with a promise. */
  readonly violations: string[] = []
  /** URLs of the variants that the newest text names. */
  variants: readonly string[] = []
  /** The newest text of which everything named was fetched. */
  lastChecked: string | undefined
  readonly url: string
  readonly #reader: OriginReader
  readonly #origin: string
  readonly #secrets: readonly string[]
  readonly #watch = new PlaylistWatch()
  #text: string | undefined
  #version = 0

  /** `origin` is what all of the app's URLs begin with: a KEY elsewhere is not fetched. */
  constructor(url: string, origin: string, secrets: readonly string[], reader: OriginReader) {
    this.url = url
    this.#origin = origin
    this.#secrets = secrets
    this.#reader = reader
  }

  /** Reads the playlist once, and what it names when it is another text than the last one. True: it is another. */
  async poll(): Promise<boolean> {
    const before = this.lookedAt
    const began = Date.now()
    const answer = await this.#reader.read(this.url)
    this.lookedAt = began
    if (answer.status === 404 && this.#text === undefined) return false
    if (answer.status !== 200) {
      this.#broken(`P2: ${this.url} answered ${answer.status}`)
      return false
    }
    const text = answer.bytes.toString('utf8')
    if (text === this.#text) return false
    this.#text = text
    this.#version += 1
    await this.#take(text, { seenAt: answer.at, missingAt: before })
    this.lastChecked = text
    return true
  }

  /** A variant that a multivariant playlist names is served at that moment (P2). */
  async pollAsVariant(): Promise<void> {
    await this.poll()
    if (this.#text === undefined) this.#broken(`P2: ${this.url} is named by a multivariant playlist and not served`)
  }

  async #take(text: string, sighting: Sighting): Promise<void> {
    for (const broken of this.#watch.observe(text)) this.#broken(`${broken} in ${this.url}`)
    for (const sign of leaks(text, this.#secrets)) this.#broken(`P7: ${this.url} gave out ${sign}`)
    const served = readServed(text)
    this.variants = served.variants.map((uri) => new URL(uri, this.url).href)
    const real = served.entries.filter((entry) => !entry.isGap)
    for (const { number } of real) if (!this.sightings.has(number)) this.sightings.set(number, sighting)
    await Promise.all(real.flatMap((entry) => this.#partsOf(entry).map((part) => this.#fetch(entry, part))))
  }

  #partsOf({ uri, range, map, keyUri }: ServedEntry): Pick<Sample, 'role' | 'uri' | 'range'>[] {
    const isOurs = keyUri !== undefined && new URL(keyUri, this.url).href.startsWith(this.#origin)
    return [
      { role: 'segment', uri, range },
      ...(map === undefined ? [] : [{ role: 'map' as const, uri: map.uri, range: map.range }]),
      ...(isOurs ? [{ role: 'key' as const, uri: keyUri, range: undefined }] : []),
    ]
  }

  async #fetch(entry: ServedEntry, part: Pick<Sample, 'role' | 'uri' | 'range'>): Promise<void> {
    const url = new URL(part.uri, this.url).href
    const version = this.#version
    const answer = await this.#reader.read(url, part.range)
    const { status, hash } = answer
    if (!isRight(answer, part.range)) this.#broken(`P2: entry ${entry.number}: ${part.role} ${url} answered ${status}`)
    for (const sign of isText(answer.bytes) ? leaks(answer.bytes.toString('utf8'), this.#secrets) : []) {
      this.#broken(`P7: ${url} gave out ${sign}`)
    }
    this.samples.push({ version, entry, ...part, url, status, hash })
  }

  #broken(violation: string): void {
    if (!this.violations.includes(violation)) this.violations.push(violation)
  }
}

function isRight({ status, bytes }: OriginAnswer, range: ServedRange | undefined): boolean {
  if (range === undefined) return status === 200
  return status === 206 ? bytes.length === range.end - range.start : status === 200
}

/** Media holds zero bytes early on; text has none. */
function isText(bytes: Buffer): boolean {
  return !bytes.subarray(0, 512).includes(0)
}
