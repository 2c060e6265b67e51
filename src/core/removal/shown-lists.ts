import { hasPassed } from '../elapsed.ts'
import { DELETED_TARGET_DURATIONS } from '../limits.ts'
import type { MediaRecord, PlaylistRecord } from '../playlist-record.ts'
import type { Host, Journal } from '../ports.ts'
import { playlistsOf } from './other-playlists.ts'
import { type ShownFiles, shownFiles } from './shown-files.ts'
import { slices } from './slices.ts'
import { usersOf } from './uses.ts'

/** A playlist that may lead to files which are to go. */
export interface ShownList extends ShownFiles {
  readonly name: string
  readonly record: MediaRecord
}

/** What playlists are read from. */
export interface ShownListsParts {
  readonly host: Host
  readonly journal: Journal
  record(app: string, name: string): PlaylistRecord | undefined
  /** Whether the store has what is served of a playlist, or what was served at some moment since `at`, in ms since the epoch. */
  isWritten(app: string, name: string, at?: number): boolean
}

/** Since when files are in no list, in ms since the epoch; undefined: some list has them. */
export interface Unshown {
  unshownSince: number | undefined
  /** The same of the lists in the store. */
  unstoredSince: number | undefined
}

/** The playlists of some streams, and others that are known to lead to some stored names. */
export async function shownLists(
  { host, journal, record }: ShownListsParts,
  app: string,
  streams: Iterable<string>,
  stored: Iterable<string>,
): Promise<ShownList[]> {
  const names = new Set<string>()
  for (const stream of streams) for (const name of playlistsOf(journal, app, stream)) names.add(name)
  for await (const slice of slices(host.clock, stored)) {
    for (const each of slice) for (const name of usersOf(journal, app, each)) names.add(name)
  }
  return [...names].flatMap((name) => {
    const found = record(app, name)
    return found?.kind === 'media' ? [{ name, record: found, ...shownFiles(found, name) }] : []
  })
}

/** Takes note of whether files are shown, and tells whether no list has shown them for long enough, here and in the store. */
export function areUnshown(
  { host, isWritten }: ShownListsParts,
  app: string,
  files: Unshown,
  { isShown, lists }: { readonly isShown: boolean; readonly lists: readonly ShownList[] },
): boolean {
  const now = host.clock.now()
  files.unshownSince = isShown ? undefined : (files.unshownSince ?? now)
  const since = files.unshownSince
  const isStored = since === undefined || !lists.every(({ name }) => isWritten(app, name, since))
  files.unstoredSince = isStored ? undefined : (files.unstoredSince ?? now)
  const windowMs = Math.max(0, ...lists.map(keepMs))
  return files.unstoredSince !== undefined && hasPassed(files.unstoredSince, windowMs, now)
}

/** How long a file is kept after it has left a list, in ms. */
function keepMs({ windowMs, record }: ShownList): number {
  return Math.max(windowMs, DELETED_TARGET_DURATIONS * record.timeline.targetDuration * 1_000)
}
