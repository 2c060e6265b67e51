import { concat } from '../piece-buffer.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import { hasTag } from '../playlist/tags.ts'
import { toBytes } from '../records.ts'
import type { ArchivedEntry } from './archived-entry.ts'
import type { Block, SharedFrom } from './block.ts'
import { EntryIndex, type IndexedEntry } from './entry-index.ts'
import { durationOf, type EntryTime, EntryTimes } from './entry-times.ts'
import { changedShared, isSameShared } from './shared-lines.ts'

/** Versions that tags need (RFC 8216bis section 8): decimal durations and vectors, byte ranges, maps. */
const LEAST_VERSION = 3
const BYTE_RANGE_VERSION = 4
const MAP_VERSION = 6

/** A discontinuity, as it stands before an entry. */
export const BREAK = '#EXT-X-DISCONTINUITY'

/** All of a recording, or only what who follows it may see: nothing that came to stand before what was shown already. */
export type BlockForm = 'vod' | 'event'

/** What is written of resolved entries in a form: in that of an event what came late is missing. */
export function inForm(entries: readonly ArchivedEntry[], form: BlockForm): readonly ArchivedEntry[] {
  if (form === 'vod') return entries
  return entries.flatMap(({ segment, ...entry }) => {
    if (entry.added === 'unnamed') return []
    return [segment === undefined || entry.added === 'late' ? entry : { ...entry, segment }]
  })
}

/** The lines of a resolved entry that speak of it alone, and its URI. */
export function entryLines({ lines, range, segment, isGap, uri }: ArchivedEntry, lookup: UriLookup): string[] {
  const isHole = segment === undefined || isGap
  return [
    ...lines,
    ...(range === undefined ? [] : [`#EXT-X-BYTERANGE:${range.end - range.start}@${range.start}`]),
    ...(isHole ? ['#EXT-X-GAP'] : []),
    isHole ? lookup.public(uri) : lookup.served(segment.stored),
  ]
}

/** Writes entries, in the form that they are in, as a block behind what ended `before`; undefined when there are none. */
export function writeBlock(
  entries: readonly ArchivedEntry[],
  lookup: UriLookup,
  before: EntryTime | undefined,
): Block | undefined {
  const [first] = entries
  if (first === undefined) return undefined
  const times = new EntryTimes(before)
  const holes = new Holes()
  const texts: Uint8Array[] = []
  const indexed: IndexedEntry[] = []
  const shared: SharedFrom[] = [{ at: 0, lines: first.shared }]
  let holding = first.shared
  let last: EntryTime = { begin: 0, end: 0, isDated: false, hasOwnDate: false }
  let at = 0
  const push = (lines: readonly string[]) => {
    const text = toBytes(lines.map((line) => `${line}\n`).join(''))
    texts.push(text)
    at += text.length
  }
  for (const [index, entry] of entries.entries()) {
    const start = at
    const isBreak = holes.isBefore(entry) || entry.isBreak
    if (index > 0) push([...(isBreak ? [BREAK] : []), ...changedShared(holding, entry.shared)])
    if (!isSameShared(holding, entry.shared)) shared.push({ at: index, lines: entry.shared })
    holding = entry.shared
    const own = at
    push(entryLines(entry, lookup))
    last = times.next(entry)
    const { begin, end, isDated, hasOwnDate } = last
    indexed.push({ start, own, number: entry.number, begin, duration: end - begin, isDated, hasOwnDate })
  }
  const [text, index] = [concat(texts), EntryIndex.of(indexed)]
  return {
    number: first.number,
    count: entries.length,
    isBreak: first.isBreak,
    ...(holes.isOpen ? { isCutBehind: true } : {}),
    shared,
    version: versionOf(entries),
    longest: longestUnnamed(entries),
    ...spanOf(indexed),
    last,
    index: () => index,
    text: () => text,
  }
}

/** Tells what is missing between entries: what was cut out, or is lost and was not found again. */
class Holes {
  #isOpen = false
  /** How many are lost and were not found so far. */
  #lost = 0

  /** Whether something is missing behind the last entry. */
  get isOpen(): boolean {
    return this.#isOpen || this.#lost > 0
  }

  /** Whether something is missing before the next entry. */
  isBefore({ number, added, isCutBehind, lostTo }: ArchivedEntry): boolean {
    const isFound = added === 'unnamed' && this.#lost > 0
    const isMissing = this.isOpen && !(isFound && !this.#isOpen)
    this.#lost = isFound ? this.#lost - 1 : (lostTo ?? number + 1) - number - 1
    this.#isOpen = isCutBehind === true
    return isMissing
  }
}

/** From the earliest begin to the latest end: clocks of encoders may go back. */
function spanOf(entries: readonly IndexedEntry[]): { readonly begin: number; readonly end: number } {
  let [begin, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const entry of entries) {
    begin = Math.min(begin, entry.begin)
    end = Math.max(end, entry.begin + entry.duration)
  }
  return { begin, end }
}

/** EXT-X-VERSION that the tags of entries need. */
export function versionOf(entries: readonly ArchivedEntry[]): number {
  if (entries.some(({ shared }) => shared.some((line) => hasTag(line, '#EXT-X-MAP')))) return MAP_VERSION
  return entries.some(({ range }) => range !== undefined) ? BYTE_RANGE_VERSION : LEAST_VERSION
}

/** How long the longest segment plays that no playlist named, in s, rounded: their encoder's target duration does not count it. */
export function longestUnnamed(entries: readonly ArchivedEntry[]): number {
  return entries.reduce(
    (most, each) => (each.added === 'unnamed' ? Math.max(most, Math.round(durationOf(each))) : most),
    0,
  )
}
