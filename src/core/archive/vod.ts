import type { Version } from '../catalog.ts'
import { GAP_MEND_MS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import { hasTag, tagValue } from '../playlist/tags.ts'
import { uploadLine } from '../sharing/shared-entry.ts'
import type { ArchivedEntry } from './archived-entry.ts'
import { boundUploads, endsOfLives } from './lives.ts'

/** Versions that tags need (RFC 8216bis section 8): decimal durations and vectors, byte ranges, maps. */
const LEAST_VERSION = 3
const BYTE_RANGE_VERSION = 4
const MAP_VERSION = 6

/** The whole recording of a playlist, as a list of its own. */
export interface Vod {
  readonly text: string
  /** Whether something is missing that may still come. */
  readonly hasHoles: boolean
}

/** Entries by their numbers: from `number` on, below `end`; more may come while it is open. */
export interface Part {
  readonly number: number
  readonly end: number | undefined
  readonly isOpen: boolean
  /** Each entry says what it was uploaded as, for receivers that share a recording. */
  readonly isMarked?: boolean
  /** Only what the playlist itself was bound to: nothing that later turns out to be another's. */
  readonly isNamedOnly?: boolean
}

/**
 * Writes a recording, or a part of it, as a VOD playlist: every entry of all runs, in order. A hole has EXT-X-GAP, unless its segment came
 * after the entry had left the encoder's list. `end`: where the uploads of a life begin that no playlist has told yet.
 */
export function renderVod(
  entries: readonly ArchivedEntry[],
  targetDuration: number,
  head: readonly string[],
  lookup: UriLookup,
  end: string | undefined,
  part: Part = { number: 0, end: undefined, isOpen: false },
): Vod {
  const writer = new VodWriter(entries, lookup, end, part)
  const isShown = ({ number }: ArchivedEntry) => number >= part.number && number < (part.end ?? number + 1)
  const first = entries.find(isShown)
  const body = entries.flatMap((entry, index) => (isShown(entry) ? writer.write(entry, index, entry === first) : []))
  const own = [
    '#EXTM3U',
    `#EXT-X-VERSION:${versionOf(head, entries)}`,
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.number ?? 0}`,
    `#EXT-X-PLAYLIST-TYPE:${part.isOpen ? 'EVENT' : 'VOD'}`,
  ]
  const text = [...own, ...body, ...(part.isOpen ? [] : ['#EXT-X-ENDLIST'])].map((line) => `${line}\n`).join('')
  return { text, hasHoles: writer.hasHoles }
}

class VodWriter {
  hasHoles = false
  readonly #lookup: UriLookup
  readonly #ends: readonly (string | undefined)[]
  /** Uploads that are bound: one that fills a hole is none of them. */
  readonly #bound: ReadonlySet<string>
  readonly #part: Part
  #shared: readonly string[] = []
  #isCut = false

  constructor(entries: readonly ArchivedEntry[], lookup: UriLookup, end: string | undefined, part: Part) {
    this.#lookup = lookup
    this.#part = part
    this.#ends = endsOfLives(entries, end)
    this.#bound = boundUploads(entries)
  }

  write(entry: ArchivedEntry, index: number, isFirst: boolean): string[] {
    const { isMarked, isNamedOnly } = this.#part
    const late = () => (isNamedOnly === true ? undefined : this.#lateSegment(entry, this.#ends[index]))
    const segment = entry.isGap ? undefined : (entry.segment ?? late())
    if (segment === undefined) this.hasHoles = true
    const uri = segment === undefined ? this.#lookup.public(entry.uri) : this.#lookup.served(segment.stored)
    const { range } = entry
    const isBreak = entry.isBreak || this.#isCut
    this.#isCut = entry.isCutBehind === true
    return [
      ...(isMarked === true ? [uploadLine(this.#lookup.public(entry.uri), segment?.id)] : []),
      ...(isBreak && !isFirst ? ['#EXT-X-DISCONTINUITY'] : []),
      ...this.#changedShared(entry.shared),
      ...entry.lines,
      ...(range === undefined ? [] : [`#EXT-X-BYTERANGE:${range.end - range.start}@${range.start}`]),
      ...(segment === undefined ? ['#EXT-X-GAP'] : []),
      uri,
    ]
  }

  /** The MAP and KEY lines that differ from those before; what a run does not have must not go on. */
  #changedShared(shared: readonly string[]): string[] {
    const before = this.#shared
    this.#shared = shared
    const isKey = (line: string) => hasTag(line, '#EXT-X-KEY')
    const [keys, keysBefore] = [shared.filter(isKey), before.filter(isKey)]
    const isSame = keys.length === keysBefore.length && keys.every((line, index) => line === keysBefore[index])
    const changedKeys = isSame ? [] : keys.length > 0 ? keys : ['#EXT-X-KEY:METHOD=NONE']
    return [...changedKeys, ...shared.filter((line) => !isKey(line) && !before.includes(line))]
  }

  /** What came under the name of a hole while its run went on, and before it may be of a next one. */
  #lateSegment(
    { uri, from, range, namedAt = 0 }: ArchivedEntry,
    end: string | undefined,
  ): { readonly stored: string; readonly id: string } | undefined {
    const isOfRun = ({ id }: Version) => id >= from && (end === undefined || id < end)
    const isHere = ({ object }: Version) =>
      object.isOpen !== true && object.size >= (range?.end ?? 0) && object.acceptedAt < namedAt + GAP_MEND_MS
    const found = this.#lookup.find(uri).versions.filter((version) => isOfRun(version) && isHere(version))
    const free = range === undefined ? found.filter(({ id }) => !this.#bound.has(id)) : found
    const late = free.at(-1)
    return late && { stored: late.object.stored, id: late.id }
  }
}

function versionOf(head: readonly string[], entries: readonly ArchivedEntry[]): number {
  const written = head.find((line) => hasTag(line, '#EXT-X-VERSION'))
  const hasMap = entries.some(({ shared }) => shared.some((line) => hasTag(line, '#EXT-X-MAP')))
  const hasRange = entries.some(({ range }) => range !== undefined)
  const needed = hasMap ? MAP_VERSION : hasRange ? BYTE_RANGE_VERSION : LEAST_VERSION
  return Math.max(needed, Number(tagValue(written ?? '')) || 0)
}
