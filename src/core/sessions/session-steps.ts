import { runsOf } from '../archive/runs.ts'
import { MAX_SESSION_ENDS } from '../limits.ts'
import type { RecordingFormat } from '../making/order.ts'
import { isServedEnded, lastServed, liveSinceOf, type MediaRecord } from '../playlist-record.ts'
import type { Journal } from '../ports.ts'
import type { Numbers, PlaylistEnd, Session, StreamRecord, Take } from './stream-record.ts'

/** A media playlist as sessions see it. */
export interface SeenPlaylist {
  readonly name: string
  readonly record: MediaRecord
  /** Number of the next entry. */
  readonly next: number
  /** When its newest run began, in ms since the epoch, and with which number. */
  readonly run: { readonly startedAt: number; readonly number: number }
}

/** A playlist and its newest run. */
export function seen(journal: Journal, app: string, name: string, record: MediaRecord): SeenPlaylist {
  const run = runsOf(journal, app, name).at(-1)
  const { startedAt = 0, number = 0 } = run ?? {}
  return { name, record, next: lastServed(record) + 1, run: { startedAt, number } }
}

/** Whether a playlist that is in no session began one: it went on since the last, or is new and not only mended. */
export function isLiveAgain({ name, record, next, run }: SeenPlaylist, { ends }: StreamRecord): boolean {
  const end = ends[name]
  // Another receiver had it: what goes on there is a version of its own.
  if (record.timeline.isTakenUp === true) return false
  if (end === undefined) return !isServedEnded(record) || record.served?.version === 1
  const liveSince = liveSinceOf(record) ?? 0
  return run.startedAt !== end.run || next > end.number || liveSince > end.at
}

/** With which number a playlist begins in a session: behind what the last one had, or, in another run, with that. */
export function firstNumber({ name, run }: SeenPlaylist, { ends }: StreamRecord): number {
  const end = ends[name]
  return end === undefined || end.run !== run.startedAt ? run.number : end.number
}

/** What is known of a stream when a session is over that had these playlists. */
export function withoutSession(
  { session: _, ends, ...record }: StreamRecord,
  playlists: readonly SeenPlaylist[],
  at: number,
): StreamRecord {
  const own = playlists.map(({ name, next, run }): [string, PlaylistEnd] => [
    name,
    { number: next, run: run.startedAt, at },
  ])
  const others = Object.entries(ends).filter(([name]) => !own.some(([each]) => each === name))
  return { ...record, ends: Object.fromEntries([...others, ...own].slice(-MAX_SESSION_ENDS)) }
}

/** The takes of a format that go on; `height` 0 stands for all. */
export function runningTakes({ takes }: Session, format: RecordingFormat, height: number): Take[] {
  const running = takes.filter((take) => take.format === format && take.to === undefined)
  return height === 0 ? running : running.filter((take) => take.height === height)
}

/** Whether all that a take was ended with has come: the entries that were under way when it was, but of what is over. */
export function isComplete(
  { to }: Take,
  playlists: readonly SeenPlaylist[],
  isOver: (playlist: SeenPlaylist) => boolean,
): boolean {
  return to !== undefined && playlists.every((each) => each.next >= (to[each.name] ?? 0) || isOver(each))
}

/** The number of each playlist's next entry. */
export function nextNumbers(playlists: readonly SeenPlaylist[]): Numbers {
  return Object.fromEntries(playlists.map(({ name, next }) => [name, next]))
}

/** The number behind what is under way in each playlist. */
export function endNumbers(playlists: readonly SeenPlaylist[]): Numbers {
  return Object.fromEntries(playlists.map(({ name, next, record }) => [name, isServedEnded(record) ? next : next + 1]))
}
