import type { Catalog } from '../catalog.ts'
import { REMOVAL_PAGE } from '../limits.ts'
import type { Placement } from '../placement.ts'
import type { BodyFiles } from '../ports.ts'
import { keys, type StoredObject } from '../records.ts'
import type { StoreRemovals } from '../storing/store-removals.ts'
import type { Leaving } from './leaving.ts'
import { type MayGoParts, mayGo } from './may-go.ts'
import { firstItems, itemDone, type RemovalNote } from './removal-note.ts'
import { removedWrites } from './removed-names.ts'

/** What removes files. */
export interface RemoveFilesParts extends MayGoParts {
  readonly files: BodyFiles
  readonly catalog: Catalog
  readonly placement: Placement
  readonly leaving: Leaving
  readonly store: StoreRemovals
}

type FileKind = 'file' | 'shared'

/**
 * Removes a page of the files that are left of a removal: from the store, then from the journal, then their bodies; those that
 * turned out to be another's stay. Resolves with false when none were left. Throws StorageError, and what a journal throws.
 */
export async function removePage(parts: RemoveFilesParts, note: RemovalNote, kind: FileKind): Promise<boolean> {
  const { journal, catalog, leaving, store, placement, files } = parts
  const { app, id } = note
  const left = firstItems(journal, id, kind, REMOVAL_PAGE)
  if (left.length === 0) return false
  leaving.add(app, left)
  try {
    // Whoever was led to one of them before has said so by then.
    await journal.commit([])
    const objects = left.flatMap((stored) => catalog.object(app, stored) ?? [])
    const going = objects.filter((object) => isGoing(parts, note, kind, object))
    const names = going.map(({ stored }) => stored)
    await store.removeObjects(app, names)
    await placement.forget(app, going, [
      ...left.map((stored) => itemDone(id, kind, stored)),
      ...names.flatMap((stored) => usesOf(parts, app, stored)),
      ...removedWrites(journal, app, names),
    ])
    await files.remove(going.filter(({ inline }) => !inline).map((object) => object.id))
  } finally {
    leaving.delete(app, left)
  }
  return true
}

function isGoing(parts: RemoveFilesParts, note: RemovalNote, kind: FileKind, object: StoredObject): boolean {
  const { stored, name } = object
  return object.isOpen !== true && mayGo(parts, note, { kind, stored, name })
}

function usesOf({ journal }: RemoveFilesParts, app: string, stored: string) {
  return [...journal.entries(keys.uses(app, stored))].map(([key]) => ({ key, value: null }))
}
