import { ARCHIVE_CHUNK_ENTRIES } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import type { MediaRecord } from '../playlist-record.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, toText } from '../records.ts'
import { type ArchivedEntry, archivedEntries } from './archived-entry.ts'

/** The number up to which the entries of a playlist are in its archive. */
export function archivedTo({ archived, timeline }: MediaRecord): number {
  return archived ?? timeline.entries[0]?.number ?? 0
}

/**
 * Puts the entries numbered below `to` into the archive, before they leave the playlist or are sealed: what was recorded is
 * kept though the encoder stops naming it. Costs what the new entries cost.
 */
export function archiveUpTo(
  at: { readonly app: string; readonly name: string },
  record: MediaRecord,
  scanned: ScannedPlaylist,
  lookup: UriLookup,
  to: number,
): { readonly archived: number; readonly writes: readonly JournalWrite[] } {
  const from = archivedTo(record)
  if (to <= from) return { archived: from, writes: [] }
  const entries = archivedEntries(record, scanned, lookup, { from, to })
  const writes: JournalWrite[] = []
  for (let index = 0; index < entries.length; index += ARCHIVE_CHUNK_ENTRIES) {
    const chunk = entries.slice(index, index + ARCHIVE_CHUNK_ENTRIES)
    writes.push(jsonWrite(keys.archived(at.app, at.name, chunk[0]?.number ?? from), chunk))
  }
  return { archived: to, writes }
}

/** The prefixes of all journal keys that hold the recording of a playlist. */
export function archivePrefixes({ app, name }: { readonly app: string; readonly name: string }): string[] {
  return [keys.archive(app, name), keys.runs(app, name)]
}

/**
 * Takes entries out of the archive of a playlist: the writes that do so, and their numbers. The one before such a hole says so, since
 * what follows it does not go on there.
 */
export function withoutEntries(
  journal: Journal,
  { app, name }: { readonly app: string; readonly name: string },
  isGone: (entry: ArchivedEntry) => boolean,
): { readonly writes: readonly JournalWrite[]; readonly numbers: readonly number[] } {
  const numbers: number[] = []
  const changed = new Map<string, readonly ArchivedEntry[]>()
  let last: { readonly key: string; readonly left: ArchivedEntry[] } | undefined
  for (const [key, value] of journal.entries(keys.archive(app, name))) {
    const entries = JSON.parse(toText(value)) as ArchivedEntry[]
    const left: ArchivedEntry[] = []
    for (const entry of entries) {
      if (!isGone(entry)) {
        left.push(entry)
        last = { key, left }
        continue
      }
      numbers.push(entry.number)
      changed.set(key, left)
      const before = last?.left.pop()
      if (last === undefined || before === undefined) continue
      last.left.push({ ...before, isCutBehind: true })
      changed.set(last.key, last.left)
    }
  }
  const writes = [...changed].map(([key, left]) => (left.length === 0 ? { key, value: null } : jsonWrite(key, left)))
  return { writes, numbers }
}

/** Begins the recording of a playlist anew, with the entries of its newest version. */
export function withoutArchive(
  journal: Journal,
  at: { readonly app: string; readonly name: string },
  { archived: _, ...record }: MediaRecord,
): { readonly record: MediaRecord; readonly writes: readonly JournalWrite[] } {
  const old = archivePrefixes(at).flatMap((prefix) => [...journal.entries(prefix)])
  return { record, writes: old.map(([key]) => ({ key, value: null })) }
}

/** The entries of a playlist that are in its archive, in order. */
export function* readArchive(journal: Journal, app: string, name: string): Generator<ArchivedEntry> {
  for (const [, value] of journal.entries(keys.archive(app, name))) {
    yield* JSON.parse(toText(value)) as ArchivedEntry[]
  }
}
