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

/** Writes down that a playlist is gone whose encoder gave it a date-time; nothing for other names. */
export function datedForgotten(
  journal: Journal,
  { app, name }: { readonly app: string; readonly name: string },
): JournalWrite[] {
  const { dateTime, ...parts } = parseName(baseName(name))
  if (dateTime === undefined) return []
  const plain = folderOf(name) + formatName(parts)
  const all = [...journal.entries(keys.datedRuns(app, plain))]
  const isIts = ([, value]: readonly [string, Uint8Array]) => (JSON.parse(toText(value)) as RecordedRun).name === name
  const left = all.filter((each) => !isIts(each)).at(-1)?.[1] ?? null
  const isNewest = newestDated(journal, app, plain) === name
  return [
    ...all.filter(isIts).map(([key]) => ({ key, value: null })),
    ...(isNewest ? [{ key: keys.newestDated(app, plain), value: left }] : []),
  ]
}

/** The newest playlist that is called like this but for its date-time; undefined when there is none. */
export function newestDated(journal: Journal, app: string, plain: string): string | undefined {
  return readJson<RecordedRun>(journal, keys.newestDated(app, plain))?.name
}

/** All playlists that are called like this but for their date-times, oldest first. */
export function datedRuns(journal: Journal, app: string, plain: string): RecordedRun[] {
  return [...journal.entries(keys.datedRuns(app, plain))].map(([, value]) => JSON.parse(toText(value)) as RecordedRun)
}
