import { REMOVAL_PAGE } from '../limits.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys } from '../records.ts'
import type { StoreRemovals } from '../storing/store-removals.ts'
import { firstItems, itemDone, type RemovalNote } from './removal-note.ts'

/** What removes the texts of playlists from the store. */
export interface RemoveTextsParts {
  readonly journal: Journal
  readonly store: StoreRemovals
}

/**
 * Removes a page of the playlists that are left of a removal from the store. Resolves with their names, which are free for others from
 * then on. Throws StorageError, and what a journal throws.
 */
export async function removeTexts(
  { journal, store }: RemoveTextsParts,
  { app, id }: RemovalNote,
  kind: 'multivariant' | 'text',
): Promise<readonly string[]> {
  const names = firstItems(journal, id, kind, REMOVAL_PAGE)
  if (names.length === 0) return names
  await store.removePlaylists(app, names)
  await journal.commit(names.flatMap((name) => [itemDone(id, kind, name), ...unmarked(journal, app, name)]))
  return names
}

/** What the journal has of a text in the store; a playlist that came, or was made, under its name since has marks of its own. */
function unmarked(journal: Journal, app: string, name: string): JournalWrite[] {
  const isNew = [keys.playlist(app, name), keys.madeVariants(app, name)].some((key) => journal.get(key) !== undefined)
  const marks = isNew ? [] : [...journal.entries(keys.unstoredPlaylist(app, name, ''))].map(([key]) => key)
  return [keys.written(app, name), ...marks].map((key) => ({ key, value: null }))
}
