import type { UriLookup } from '../playlist/lookup.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys } from '../records.ts'
import type { ChunkPlace } from '../sealed-list.ts'
import { openChunks } from './archive.ts'
import type { ArchivedEntry } from './archived-entry.ts'
import { EntryTimes } from './entry-times.ts'
import { dateLine } from './joined-text.ts'
import { entriesOfBlock, type KeptBlock, keepBlock, keptBlocks } from './kept-blocks.ts'

/** Some entries of an archive, where they lie. */
interface Place {
  readonly entries: readonly ArchivedEntry[]
  /** The block that they are; undefined: none has them yet, and they are under `key`. */
  readonly block?: KeptBlock
  readonly key?: string
  left: ArchivedEntry[]
  isChanged: boolean
}

/**
 * Takes entries out of the archive of a playlist: the writes that do so, and their numbers. The one before such a hole says so, since
 * what follows it does not go on there. All that goes is numbered `below` that: what is behind it is not read.
 */
export function withoutEntries(
  journal: Journal,
  at: ChunkPlace,
  lookup: UriLookup,
  isGone: (entry: ArchivedEntry) => boolean,
  below = Number.POSITIVE_INFINITY,
): { readonly writes: readonly JournalWrite[]; readonly numbers: number[] } {
  const numbers: number[] = []
  const places: Place[] = []
  const times = new EntryTimes(undefined)
  let last: Place | undefined
  let isCut = false
  for (const place of placesOf(journal, at, below)) {
    places.push(place)
    for (const entry of place.entries) {
      const time = times.next(entry)
      if (!isGone(entry)) {
        // Its date may have counted on from what is gone.
        const isDated = isCut && time.isDated && !time.hasOwnDate
        place.left.push(isDated ? { ...entry, lines: [dateLine(time.begin), ...entry.lines] } : entry)
        place.isChanged ||= isDated
        isCut = false
        last = place
        continue
      }
      isCut = true
      numbers.push(entry.number)
      place.isChanged = true
      const before = last?.left.pop()
      if (last === undefined || before === undefined) continue
      last.left.push({ ...before, isCutBehind: true })
      last.isChanged = true
    }
  }
  return { writes: numbers.length === 0 ? [] : [...writesOf(journal, at, lookup, places)], numbers }
}

function* placesOf(journal: Journal, at: ChunkPlace, below: number): Generator<Place> {
  for (const block of keptBlocks(journal, at)) {
    if (block.vod.number >= below) return
    yield { entries: entriesOfBlock(journal, at, block), block, left: [], isChanged: false }
  }
  for (const { key, entries } of openChunks(journal, at)) yield { entries, key, left: [], isChanged: false }
}

function* writesOf(
  journal: Journal,
  at: ChunkPlace,
  lookup: UriLookup,
  places: readonly Place[],
): Generator<JournalWrite> {
  let before: KeptBlock | undefined
  for (const { block, key, left, isChanged } of places) {
    if (isChanged && key !== undefined) yield left.length === 0 ? { key, value: null } : jsonWrite(key, left)
    if (block === undefined) continue
    const kept = isChanged ? keepBlock(at, left, { lookup, before, end: block.end }) : undefined
    if (isChanged) yield* withoutBlock(journal, at, block)
    if (kept !== undefined) yield* kept.writes
    before = kept?.block ?? (isChanged ? before : block)
  }
}

function withoutBlock(journal: Journal, { app, name }: ChunkPlace, { vod }: KeptBlock): JournalWrite[] {
  const parts = [...journal.entries(keys.blockPart(app, name, vod.number, ''))].map(([key]) => key)
  return [keys.block(app, name, vod.number), ...parts].map((key) => ({ key, value: null }))
}
