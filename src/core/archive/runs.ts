import { RUN_TOGETHER_MS } from '../limits.ts'
import { formatName, parseName } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, toBytes, toText } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import type { RunDates } from './run-dates.ts'

const NOTHING = new Uint8Array(0)

/** A run of a playlist that was recorded. */
export interface RecordedRun {
  /** The playlist's name with the date-time at which the run began, as Ant Media Server names it with addDateTimeToHlsFileName. */
  readonly name: string
  /** When it began, in ms since the epoch. */
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

/**
 * Writes down that a run begins, when its stream's newest one did: files or lists of others may have told that one. Else it
 * begins with its first list, which came at `cameAt`. The run before is over, and goes into the store unless it is replaced.
 */
export function runBegun(
  journal: Journal,
  dates: RunDates,
  { app, name }: { readonly app: string; readonly name: string },
  { number, cameAt, isReplacing }: { readonly number: number; readonly cameAt: number; readonly isReplacing: boolean },
): JournalWrite[] {
  const parts = parseName(baseName(name))
  const newest = dates.newest(app, name)
  const runs = runsOf(journal, app, name)
  const isNew = runs.every((run) => run.startedAt !== newest?.startedAt)
  const isOfNewest = newest !== undefined && isNew && Math.abs(cameAt - newest.startedAt) < RUN_TOGETHER_MS
  const { date, write } = isOfNewest ? { date: newest, write: undefined } : dates.begin(app, name, cameAt)
  const dateTime = parts.dateTime ?? date.dateTime
  const { startedAt } = date
  const run: RecordedRun = { name: folderOf(name) + formatName({ ...parts, dateTime }), startedAt, number }
  const over = isReplacing ? undefined : runs.at(-1)?.name
  return [
    jsonWrite(keys.run(app, name, number), run),
    ...(write === undefined ? [] : [write]),
    ...(over === undefined || over === name ? [] : [{ key: keys.unstoredPlaylist(app, over, 0), value: NOTHING }]),
  ]
}

/** The runs of a playlist, oldest first. */
export function runsOf(journal: Journal, app: string, name: string): RecordedRun[] {
  return [...journal.entries(keys.runs(app, name))].map(([, value]) => JSON.parse(toText(value)) as RecordedRun)
}

/** The newest run of a playlist; undefined when there is none. */
export function newestRun(journal: Journal, app: string, name: string): FoundRun | undefined {
  const run = runsOf(journal, app, name).at(-1)
  return run && { ...run, of: name, end: undefined }
}

/** The name without its date-time; undefined of a name that has none. */
export function plainName(name: string): string | undefined {
  const { dateTime, ...parts } = parseName(baseName(name))
  return dateTime === undefined ? undefined : folderOf(name) + formatName(parts)
}

/** The run of this name; undefined when there is none. */
export function runNamed(journal: Journal, app: string, name: string): FoundRun | undefined {
  const of = plainName(name)
  if (of === undefined) return undefined
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
