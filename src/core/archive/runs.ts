import { formatName, parseName } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, toBytes, toText } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { dateTimeOf } from './date-time.ts'

/** A run of a playlist that was recorded. */
export interface RecordedRun {
  /** The playlist's name with the date-time at which the run began, as Ant Media Server names it with addDateTimeToHlsFileName. */
  readonly name: string
  /** When its first list came, in ms since the epoch. */
  readonly startedAt: number
  /** Served media sequence number of its first entry. */
  readonly number: number
}

/** One of the runs of a playlist, found by its own name. */
export interface FoundRun extends RecordedRun {
  /** The name of the playlist whose run it is. */
  readonly of: string
  /** Number of the first entry behind it; undefined of the newest run. */
  readonly end: number | undefined
}

/** Writes down that a run begins. */
export function runBegun(
  { app, name }: { readonly app: string; readonly name: string },
  number: number,
  startedAt: number,
  zone: string,
): JournalWrite {
  const parts = parseName(baseName(name))
  const dateTime = parts.dateTime ?? dateTimeOf(startedAt, zone)
  const run: RecordedRun = { name: folderOf(name) + formatName({ ...parts, dateTime }), startedAt, number }
  return jsonWrite(keys.run(app, name, number), run)
}

/** The runs of a playlist, oldest first. */
export function runsOf(journal: Journal, app: string, name: string): RecordedRun[] {
  return [...journal.entries(keys.runs(app, name))].map(([, value]) => JSON.parse(toText(value)) as RecordedRun)
}

/** The run of this name; undefined when there is none. */
export function runNamed(journal: Journal, app: string, name: string): FoundRun | undefined {
  const { dateTime, ...parts } = parseName(baseName(name))
  if (dateTime === undefined) return undefined
  const of = folderOf(name) + formatName(parts)
  const runs = runsOf(journal, app, of)
  const index = runs.findIndex((run) => run.name === name)
  const run = runs[index]
  return run === undefined ? undefined : { ...run, of, end: runs[index + 1]?.number }
}

/** The runs as JSON: a list of `{ "playlist", "startedAt" }`, the newest last; names are relative to the playlist's folder. */
export function listOfRuns(runs: readonly RecordedRun[]): Uint8Array {
  const list = runs.map(({ name, startedAt }) => ({
    playlist: baseName(name),
    startedAt: new Date(startedAt).toISOString(),
  }))
  return toBytes(`${JSON.stringify(list, null, 2)}\n`)
}
