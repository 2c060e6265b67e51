import type { Version } from '../catalog.ts'
import { GAP_MEND_MS, MAX_UNNAMED_SEGMENTS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import { isVague } from '../playlist/run-uploads.ts'
import { withCountedIv } from '../playlist/served-line.ts'
import { hasTag } from '../playlist/tags.ts'
import type { StoredObject } from '../records.ts'
import type { ArchivedEntry } from './archived-entry.ts'
import { beginsOfLives, boundUploads, endsOfLives, type Life } from './lives.ts'

/** A segment that no playlist named, behind the entry whose number its own follows. */
export interface Unnamed {
  readonly object: StoredObject
  readonly entry: ArchivedEntry
}

/** Digits before the extension, which may stand in a query. */
const NUMBERED = /^(.*?)(\d{1,15})(\.[A-Za-z0-9]+(?:\?.*)?)$/s

/**
 * Finds what came and was never named, as when the encoder died before its list, or a list was lost: uploads of the same life
 * whose names count on from an entry's. What comes behind the last entry belongs to the recording once that is over.
 */
export class UnnamedSegments {
  readonly #entries: readonly ArchivedEntry[]
  readonly #lookup: UriLookup
  readonly #ends: readonly (string | undefined)[]
  readonly #begins: ReadonlyMap<string, string>
  /** Uploads that stand in the recording already. */
  readonly #taken: Set<string>
  readonly #isKnown: (id: string) => boolean
  readonly #isOver: boolean
  #left = MAX_UNNAMED_SEGMENTS

  constructor(entries: readonly ArchivedEntry[], { lookup, isOver, end, life, isKnown }: UnnamedParts) {
    this.#entries = entries
    this.#lookup = lookup
    this.#begins = beginsOfLives(entries, life)
    this.#ends = endsOfLives(entries, end, ({ from }) => (isVague(from) ? this.#begins.get(from) : from))
    this.#taken = new Set(boundUploads(entries))
    this.#isKnown = isKnown
    this.#isOver = isOver
  }

  /** Those that follow the entry at `index`, in order; to be asked for one entry after the other. */
  after(index: number): Unnamed[] {
    const entry = this.#entries[index]
    const next = this.#entries[index + 1]
    if (entry === undefined || entry.range !== undefined || (next === undefined && !this.#isOver)) return []
    const isWithin = next !== undefined && next.from === entry.from
    if (isWithin && entry.isCutBehind === true) return []
    const most = isWithin ? next.number - entry.number - 1 : this.#left
    if (most <= 0) return []
    const found: Unnamed[] = []
    let cameAt = this.#cameAt(entry)
    let uri = nextUri(entry.uri)
    while (found.length < most && uri !== undefined && !(isWithin && uri === next.uri) && this.#left > 0) {
      const upload = this.#next(this.#beginOf(entry), this.#ends[index], uri, cameAt)
      // What the next entry shows is that one, sent twice.
      if (upload === undefined || upload.object.stored === next?.segment?.stored) break
      found.push({ object: upload.object, entry: unnamedEntry(entry, uri, upload, found.length + 1) })
      this.#taken.add(upload.id)
      cameAt = upload.object.acceptedAt
      uri = nextUri(uri)
      this.#left--
    }
    return found
  }

  /** Where a later life begins may be known too early: a list may name what the life before sent and never listed. */
  #beginOf({ from }: ArchivedEntry): string {
    return from === '' ? from : (this.#begins.get(from) ?? from)
  }

  #isTaken(id: string): boolean {
    return this.#taken.has(id) || this.#isKnown(id)
  }

  /** When the segment of an entry came, or a hole was named, in ms since the epoch. */
  #cameAt({ uri, segment, namedAt = 0 }: ArchivedEntry): number {
    if (segment === undefined) return namedAt
    return this.#lookup.find(uri).versions.find(({ id }) => id === segment.id)?.object.acceptedAt ?? 0
  }

  /** An upload of a life, soon after the one before it, which nothing else is bound to. */
  #next(from: string, end: string | undefined, uri: string, cameAt: number): Version | undefined {
    const isOfLife = ({ id }: Version) => id >= from && (end === undefined || id < end)
    const isSoon = ({ object }: Version) => object.isOpen !== true && object.acceptedAt < cameAt + GAP_MEND_MS
    return this.#lookup
      .find(uri)
      .versions.findLast((upload) => isOfLife(upload) && isSoon(upload) && !this.#isTaken(upload.id))
  }
}

/** What unnamed segments are found by. */
export interface UnnamedParts {
  readonly lookup: UriLookup
  /** What came behind the last entry belongs to the recording. */
  readonly isOver: boolean
  /** Where the uploads of a life begin that no entry tells yet. */
  readonly end: string | undefined
  /** The life that the first entry goes on with. */
  readonly life: Life | undefined
  /** Whether an upload stands further up in the recording. */
  readonly isKnown: (id: string) => boolean
}

/** An entry like the one that it follows by `steps`; how long it plays is yet to be told. */
function unnamedEntry(entry: ArchivedEntry, uri: string, { object, id }: Version, steps: number): ArchivedEntry {
  const { number, lines, shared, counted, from, lacksMap, lostTo } = entry
  return {
    // A list had it under a number of its own, but is lost.
    number: lostTo === undefined ? number : number + steps,
    lines: lines.filter((line) => hasTag(line, '#EXTINF')),
    shared: counted === undefined ? shared : shared.map((line) => withCountedIv(line, counted, steps)),
    isBreak: false,
    segment: { stored: object.stored, id },
    namedAt: object.acceptedAt,
    uri,
    isGap: lacksMap === true,
    from,
    added: 'unnamed',
  }
}

/** An entry that plays so long, in s. */
export function withSeconds(entry: ArchivedEntry, seconds: number): ArchivedEntry {
  return { ...entry, lines: [`#EXTINF:${seconds.toFixed(6)},`] }
}

/** The name with the next number. */
function nextUri(uri: string): string | undefined {
  return countedUri(uri, 1)
}

/** The name whose number is so many steps further, or back; undefined where there is none. */
export function countedUri(uri: string, steps: number): string | undefined {
  const [, before, digits, after] = NUMBERED.exec(uri) ?? []
  const number = Number(digits) + steps
  if (digits === undefined || number < 0) return undefined
  return `${before}${String(number).padStart(digits.length, '0')}${after}`
}
