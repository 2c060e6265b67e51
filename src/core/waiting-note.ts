import { hasPassed } from './elapsed.ts'
import { GAP_MEND_MS } from './limits.ts'
import type { PlaylistChange } from './playlist-commit.ts'
import type { MediaRecord } from './playlist-record.ts'
import type { PlaylistState } from './playlist-states.ts'
import type { Journal } from './ports.ts'
import { keys } from './records.ts'

/** Since when nothing was named, nor came, in ms since the epoch: GAP_MEND_MS later a restart need not look for more. */
export function quietSince({ timeline, served }: MediaRecord): number {
  return Math.max(timeline.entries.at(-1)?.namedAt ?? 0, served?.publishedAt ?? 0)
}

/** The change that lets go of what a playlist waits for no more: the note that it waits, and a suspect whose time is over. */
export function withoutStaleNote(journal: Journal, state: PlaylistState, now: number): PlaylistChange | undefined {
  const { app, name, record, scanned } = state
  if (record === undefined || scanned === undefined) return undefined
  const { suspect, ...settled } = record
  const isSettled = suspect !== undefined && state.suspect === undefined
  const isWaiting = isAwaiting(state, now)
  const isStale = !isWaiting && journal.get(keys.waiting(app, name)) !== undefined
  if (!isSettled && (!isStale || suspect !== undefined)) return undefined
  const change = { isPublished: false, names: new Map(), isWaiting, writes: [], digest: undefined }
  return { ...change, record: isSettled ? settled : record, scanned }
}

function isAwaiting({ record, awaited }: PlaylistState, now: number): boolean {
  if (record?.kind !== 'media') return awaited.length > 0
  return awaited.length > 0 && !hasPassed(quietSince(record), GAP_MEND_MS, now)
}
