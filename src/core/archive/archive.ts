import { ARCHIVE_CHUNK_ENTRIES } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import type { MediaRecord } from '../playlist-record.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, toText } from '../records.ts'
import type { ChunkPlace } from '../sealed-list.ts'
import { type ArchivedEntry, archivedEntries } from './archived-entry.ts'
import { entriesOfBlock, keptBlocks } from './kept-blocks.ts'

/** The number up to which the entries of a playlist are in its archive. */
export function archivedTo({ archived, timeline }: MediaRecord): number {
  return archived ?? timeline.entries[0]?.number ?? 0
}

/**
 * Puts the entries numbered below `to` into the archive, before they leave the playlist or are sealed: what was recorded is
 * kept though the encoder stops naming it. Costs what the new entries cost.
 */
export function archiveUpTo(
  at: ChunkPlace,
  record: MediaRecord,
  scanned: ScannedPlaylist,
  lookup: UriLookup,
  to: number,
): { readonly archived: number; readonly writes: readonly JournalWrite[] } {
  const from = archivedTo(record)
  if (to <= from) return { archived: from, writes: [] }
  return { archived: to, writes: openWrites(at, archivedEntries(record, scanned, lookup, { from, to })) }
}

/** Writes entries as those that no block has yet. */
export function openWrites({ app, name }: ChunkPlace, entries: readonly ArchivedEntry[]): JournalWrite[] {
  const writes: JournalWrite[] = []
  for (let index = 0; index < entries.length; index += ARCHIVE_CHUNK_ENTRIES) {
    const chunk = entries.slice(index, index + ARCHIVE_CHUNK_ENTRIES)
    writes.push(jsonWrite(keys.archived(app, name, chunk[0]?.number ?? 0), chunk))
  }
  return writes
}

/** The prefixes of all journal keys that hold the recording of a playlist. */
export function archivePrefixes({ app, name }: ChunkPlace): string[] {
  return [keys.archive(app, name), keys.blocks(app, name), keys.blockParts(app, name), keys.runs(app, name)]
}

/** Begins the recording of a playlist anew, with the entries of its newest version. */
export function withoutArchive(
  journal: Journal,
  at: ChunkPlace,
  { archived: _, ...record }: MediaRecord,
): { readonly record: MediaRecord; readonly writes: readonly JournalWrite[] } {
  const old = archivePrefixes(at).flatMap((prefix) => [...journal.entries(prefix)])
  return { record, writes: old.map(([key]) => ({ key, value: null })) }
}

/** Archived entries that no block has yet. */
export interface OpenChunk {
  readonly key: string
  readonly entries: readonly ArchivedEntry[]
}

/** Archived entries that no block has yet, in order, as the journal keeps them; those that end before number `start` are not read. */
export function* openChunks(
  journal: Journal,
  { app, name }: ChunkPlace,
  start = Number.NEGATIVE_INFINITY,
): Generator<OpenChunk> {
  const prefix = keys.archive(app, name)
  let before: readonly [string, Uint8Array] | undefined
  for (const chunk of journal.entries(prefix)) {
    if (before !== undefined && Number(chunk[0].slice(prefix.length)) > start) yield readChunk(before)
    before = chunk
  }
  if (before !== undefined) yield readChunk(before)
}

function readChunk([key, value]: readonly [string, Uint8Array]): OpenChunk {
  return { key, entries: JSON.parse(toText(value)) as ArchivedEntry[] }
}

/**
 * The entries of a playlist that are in its archive, in order; those in blocks with all that came late. Whoever reads them slowly, while
 * more blocks are made, gets each of them all the same. `start`: those that are numbered from there on.
 */
export function* readArchive(
  journal: Journal,
  app: string,
  name: string,
  start = Number.NEGATIVE_INFINITY,
): Generator<ArchivedEntry> {
  for (const entry of readFrom(journal, { app, name }, start)) if (entry.number >= start) yield entry
}

function* readFrom(journal: Journal, at: ChunkPlace, start: number): Generator<ArchivedEntry> {
  let from = start
  const [open] = openChunks(journal, at, start)
  const isOpen = (open?.entries[0]?.number ?? Number.POSITIVE_INFINITY) <= start
  const blocks = () => keptBlocks(journal, at).filter(({ end }) => end > from)
  for (let left = isOpen ? [] : blocks(); left.length > 0; ) {
    for (const block of left) {
      yield* entriesOfBlock(journal, at, block)
      from = block.end
    }
    left = blocks()
  }
  // All at once: what is put into a block from now on is among them.
  for (const { entries } of [...openChunks(journal, at, start)]) yield* entries
}
