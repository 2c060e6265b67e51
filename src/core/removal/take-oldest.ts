import { readArchive } from '../archive/archive.ts'
import { EXPIRED_ENTRIES, REMOVAL_SLICE } from '../limits.ts'
import type { Clock, Journal } from '../ports.ts'
import type { RecordedPlaylist } from './recorded-playlist.ts'
import type { RecordedSizes } from './recorded-sizes.ts'
import { pause } from './slices.ts'

/** What the oldest entries are found with. */
export interface TakeOldestParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly sizes: RecordedSizes
}

/** When it is enough: the next entry came at `at`, and so many bytes are to go already. */
export interface Wanted {
  isEnough(at: number, freed: number): boolean
  /** Whether a playlist may go as a whole when nothing but its list is left. */
  mayGoWhole(playlist: RecordedPlaylist): boolean
}

/**
 * Marks the oldest entries of some playlists as those that are to go, the oldest of all first, until it is enough. What is still in a list
 * stays, unless its whole playlist may go; so do entries beyond EXPIRED_ENTRIES of a playlist: they go the next time.
 */
export async function takeOldest(
  parts: TakeOldestParts,
  playlists: readonly RecordedPlaylist[],
  wanted: Wanted,
): Promise<void> {
  const left = new Map(playlists.map((each) => [each, EXPIRED_ENTRIES]))
  for (;;) {
    const oldest = oldestOf([...left.keys()])
    const freed = playlists.reduce((sum, each) => sum + each.freed, 0)
    if (oldest?.at === undefined || wanted.isEnough(oldest.at, freed)) return
    const most = Math.min(left.get(oldest) ?? 0, REMOVAL_SLICE)
    if (oldest.to < oldest.until) {
      const taken = takeSome(parts, oldest, most, (at, bytes) => wanted.isEnough(at, freed + bytes))
      left.set(oldest, (left.get(oldest) ?? 0) - taken)
      if (taken === 0) left.delete(oldest)
    } else {
      if (wanted.mayGoWhole(oldest)) takeWhole(oldest)
      left.delete(oldest)
    }
    await pause(parts.clock, 0)
  }
}

function oldestOf(playlists: readonly RecordedPlaylist[]): RecordedPlaylist | undefined {
  return playlists.reduce<RecordedPlaylist | undefined>(
    (oldest, each) => (each.at !== undefined && (oldest?.at === undefined || each.at < oldest.at) ? each : oldest),
    undefined,
  )
}

/** Marks entries of a playlist, and gives how many. */
function takeSome(
  { journal, sizes }: TakeOldestParts,
  playlist: RecordedPlaylist,
  most: number,
  isEnough: (at: number, bytes: number) => boolean,
): number {
  const { app, name, until } = playlist
  let taken = 0
  let bytes = 0
  for (const entry of readArchive(journal, app, name, playlist.to)) {
    const isNext = entry.number >= playlist.to
    if (isNext && entry.number >= until) break
    playlist.at = sizes.cameAt(app, entry)
    if (isNext && (taken >= most || isEnough(playlist.at, bytes))) {
      playlist.freed += bytes
      return taken
    }
    bytes += sizes.bytesOf(app, entry)
    playlist.to = entry.number + 1
    taken++
  }
  playlist.freed += bytes
  playlist.to = until
  playlist.at = playlist.lastAt
  return Math.max(1, taken)
}

function takeWhole(playlist: RecordedPlaylist): void {
  playlist.isWhole = true
  playlist.freed = playlist.bytes
  playlist.at = undefined
}
