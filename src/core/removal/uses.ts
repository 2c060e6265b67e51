import { mayBelongTo, parseName } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'

const NOTHING = new Uint8Array(0)

/** Whether a stored name is called after the stream of a playlist in the same folder. */
export function isCalledAfter(stored: string, playlist: string): boolean {
  if (folderOf(stored) !== folderOf(playlist)) return false
  return mayBelongTo(baseName(stored), parseName(baseName(playlist)).stream)
}

/**
 * Writes down which of the names that a playlist leads to are not called after its stream, so that whoever removes another
 * stream knows of them without reading every recording. `before` are those of the last time.
 */
export function newUses(
  app: string,
  playlist: string,
  stored: Iterable<string>,
  before: { has(stored: string): boolean } | undefined,
): JournalWrite[] {
  const writes: JournalWrite[] = []
  for (const each of stored) {
    if (before?.has(each) === true || isCalledAfter(each, playlist)) continue
    writes.push({ key: keys.use(app, each, playlist), value: NOTHING })
  }
  return writes
}

/** The playlists that are known to lead to a stored name which is not called after their stream. */
export function* usersOf(journal: Journal, app: string, stored: string): Generator<string> {
  const prefix = keys.uses(app, stored)
  for (const [key] of journal.entries(prefix)) yield key.slice(prefix.length)
}

/** Whether a key of the journal says that a playlist leads somewhere. */
export function isUseBy(key: string, playlist: string): boolean {
  return key.slice(key.indexOf('\u0001') + 1) === playlist
}

/** Whether any playlist is known to lead to a stored name that is not called after its stream. */
export function isUsed(journal: Journal, app: string, stored: string): boolean {
  for (const _ of usersOf(journal, app, stored)) return true
  return false
}
