import { readArchive } from '../archive/archive.ts'
import { EXPIRED_OF_PLAYLIST, EXPIRY_SPREAD_MS, REMOVAL_SLICE } from '../limits.ts'
import type { Clock, Journal, Log } from '../ports.ts'
import type { RecordedPlaylist } from './recorded-playlist.ts'
import type { RecordedSizes } from './recorded-sizes.ts'
import { pause } from './slices.ts'

/** What the oldest entries are found with. */
export interface TakeOldestParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly sizes: RecordedSizes
  readonly log: Log
  /** How many entries may still be marked. */
  readonly budget: { entries: number }
}

/** When it is enough. */
export interface Wanted {
  /** The next entry came at `at`, and so many bytes are to go already. */
  isEnough(at: number, freed: number): boolean
  /** Whether a playlist may go as a whole when nothing but its list is left. */
  mayGoWhole(playlist: RecordedPlaylist): boolean
  /** What is marked must be so old to go, in ms; 0: it goes whatever its age. */
  readonly leastMs: number
}

/**
 * Marks the oldest entries of some playlists as those that are to go, the oldest of all first, as nearly as EXPIRY_SPREAD_MS, until it is
 * enough, or many are marked: the rest goes the next time. What is still in a list stays, unless its whole playlist may go.
 */
export async function takeOldest(
  parts: TakeOldestParts,
  playlists: readonly RecordedPlaylist[],
  wanted: Wanted,
): Promise<void> {
  const { budget, clock } = parts
  const left = new Set(playlists)
  let freed = playlists.reduce((sum, each) => sum + each.freed, 0)
  for (;;) {
    const { oldest, nextAt } = oldestOf(left)
    if (oldest?.at === undefined || wanted.isEnough(oldest.at, freed)) return
    const before = oldest.freed
    if (oldest.to < oldest.until) {
      const most = Math.min(budget.entries, EXPIRED_OF_PLAYLIST - oldest.taken, REMOVAL_SLICE)
      // Nothing that is younger goes instead.
      if (most <= 0) return
      oldest.leastMs = oldest.taken === 0 ? wanted.leastMs : Math.min(oldest.leastMs, wanted.leastMs)
      const soFar = freed
      const isLast = (at: number, bytes: number) =>
        at > nextAt + EXPIRY_SPREAD_MS || wanted.isEnough(at, soFar + bytes - before)
      try {
        budget.entries -= takeSome(parts, oldest, most, isLast)
      } catch (cause) {
        // One that cannot be read keeps no other from its limit.
        parts.log.warn('recording not looked at', { app: oldest.app, name: oldest.name, cause })
        left.delete(oldest)
      }
    } else {
      if (wanted.mayGoWhole(oldest)) takeWhole(oldest, wanted.leastMs)
      left.delete(oldest)
    }
    freed += oldest.freed - before
    await pause(clock, 0)
  }
}

/** The playlist whose next entry is the oldest, and when that of the next one came. */
function oldestOf(playlists: Iterable<RecordedPlaylist>) {
  let oldest: RecordedPlaylist | undefined
  let nextAt = Number.POSITIVE_INFINITY
  for (const each of playlists) {
    if (each.at === undefined) continue
    if (oldest?.at === undefined || each.at < oldest.at) {
      nextAt = oldest?.at ?? nextAt
      oldest = each
    } else nextAt = Math.min(nextAt, each.at)
  }
  return { oldest, nextAt }
}

/** Marks entries of a playlist, and gives how many. `isLast`: it is enough before an entry that came then, with all bytes so far. */
function takeSome(
  { journal, sizes }: TakeOldestParts,
  playlist: RecordedPlaylist,
  most: number,
  isLast: (at: number, freed: number) => boolean,
): number {
  const { app, name, until } = playlist
  let taken = 0
  let before: string | undefined
  for (const entry of readArchive(journal, app, name, playlist.to)) {
    const isNext = entry.number >= playlist.to
    if (isNext && entry.number >= until) break
    const at = sizes.cameAt(app, entry)
    playlist.at = at
    if (isNext && (taken >= most || isLast(at, playlist.freed))) return taken
    playlist.freed += sizes.bytesOf(app, entry, before)
    before = entry.segment?.stored ?? before
    playlist.takenAt = Math.max(playlist.takenAt, at)
    playlist.to = entry.number + 1
    playlist.taken++
    taken++
  }
  playlist.to = until
  playlist.at = playlist.isNeeded ? undefined : playlist.lastAt
  return taken
}

function takeWhole(playlist: RecordedPlaylist, leastMs: number): void {
  playlist.isWhole = true
  playlist.leastMs = leastMs
  playlist.takenAt = playlist.lastAt
  playlist.freed = playlist.bytes
  playlist.at = undefined
}
