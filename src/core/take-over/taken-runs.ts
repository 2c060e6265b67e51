import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { dateTimeOf, momentOf } from '../archive/date-time.ts'
import { streamOf } from '../archive/run-dates.ts'
import type { RecordedRun } from '../archive/runs.ts'
import { formatName, parseName } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson } from '../records.ts'
import type { ChunkPlace } from '../sealed-list.ts'
import { baseName, folderOf } from '../upload-path.ts'

/** Writes down the runs of a playlist, oldest first; the newest run of a stream is that of any of its renditions. */
export function runWrites(
  journal: Journal,
  { app, name }: ChunkPlace,
  runs: readonly Pick<RecordedRun, 'name' | 'startedAt' | 'number'>[],
): JournalWrite[] {
  const newestKey = keys.newestRun(app, streamOf(name))
  const newest = runs.at(-1)?.startedAt
  const isNewest = newest !== undefined && newest > (readJson<number>(journal, newestKey) ?? Number.NEGATIVE_INFINITY)
  return [
    ...runs.map(({ name: run, startedAt, number }) =>
      jsonWrite(keys.run(app, name, number), { name: run, startedAt, number }),
    ),
    ...(isNewest ? [jsonWrite(newestKey, newest)] : []),
  ]
}

/**
 * The run that begins with an entry of a live list, and has no text of its own: it is called after the date-time in the name of the list
 * or, where the restart policy puts it there, of the segment; else after when the segment came.
 */
export function runFrom(name: string, entry: ArchivedEntry, zone: string): RecordedRun {
  const { number, segment } = entry
  const parts = parseName(baseName(name))
  const ofSegment = parseName(baseName(segment?.stored ?? ''))
  const inName = parts.dateTime ?? (ofSegment.stream === parts.stream ? ofSegment.dateTime : undefined)
  const startedAt = (inName === undefined ? undefined : momentOf(inName, zone)) ?? Math.round(entry.namedAt ?? 0)
  const dateTime = inName ?? dateTimeOf(startedAt, zone)
  return { name: folderOf(name) + formatName({ ...parts, dateTime }), startedAt, number }
}
