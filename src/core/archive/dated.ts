import { formatName, parseName } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson, toText } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import type { RecordedRun } from './runs.ts'

/**
 * Writes down that a playlist begins whose encoder gave it a date-time (addDateTimeToHlsFileName): each run is a playlist of its
 * own then, and the newest to begin is the one that the plain name leads to. Nothing for other names.
 */
export function datedBegun(
  { app, name }: { readonly app: string; readonly name: string },
  startedAt: number,
): JournalWrite[] {
  const { dateTime, ...parts } = parseName(baseName(name))
  if (dateTime === undefined) return []
  const plain = folderOf(name) + formatName(parts)
  const run: RecordedRun = { name, startedAt, number: 0 }
  return [jsonWrite(keys.newestDated(app, plain), run), jsonWrite(keys.dated(app, plain, startedAt), run)]
}

/** The newest playlist that is called like this but for its date-time; undefined when there is none. */
export function newestDated(journal: Journal, app: string, plain: string): string | undefined {
  return readJson<RecordedRun>(journal, keys.newestDated(app, plain))?.name
}

/** All playlists that are called like this but for their date-times, oldest first. */
export function datedRuns(journal: Journal, app: string, plain: string): RecordedRun[] {
  return [...journal.entries(keys.datedRuns(app, plain))].map(([, value]) => JSON.parse(toText(value)) as RecordedRun)
}
