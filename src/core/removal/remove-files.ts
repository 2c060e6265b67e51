import type { Catalog } from '../catalog.ts'
import { REMOVAL_PAGE } from '../limits.ts'
import type { Placement } from '../placement.ts'
import type { BodyFiles } from '../ports.ts'
import { keys, type StoredObject } from '../records.ts'
import type { StoreRemovals } from '../storing/store-removals.ts'
import type { Leaving } from './leaving.ts'
import { type MayGoParts, mayGo } from './may-go.ts'
import { firstItems, itemDone, itemWrite, type RemovalNote } from './removal-note.ts'
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
 * Finds out which of a page of the files that are left of a removal go: those are doomed, the others turned out to be another's, and
 * stay. Nobody is led to one that is doomed, nor counts on its bytes, until it is gone. Resolves with `none` when none were left, and with
 * `waits` where the bodies of all that are left still arrive.
 */
export async function doomPage(
  parts: RemoveFilesParts,
  note: RemovalNote,
  kind: FileKind,
): Promise<'some' | 'none' | 'waits'> {
  const { journal, catalog, leaving } = parts
  const { app, id } = note
  const page = firstItems(journal, id, kind, REMOVAL_PAGE)
  if (page.length === 0) return 'none'
  leaving.add(app, page)
  // Whoever was led to one of them before has said so by then.
  await journal.commit([])
  const isOurs = (stored: string) => isGoing(parts, note, kind, catalog.object(app, stored))
  const going = page.filter(isOurs)
  const arriving = new Set(going.filter((stored) => catalog.object(app, stored)?.isOpen === true))
  if (arriving.size === page.length) return 'waits'
  const left = page.filter((stored) => !arriving.has(stored))
  const doomed = new Set(going.filter((stored) => !arriving.has(stored)))
  await journal.commit([
    ...left.map((stored) => itemDone(id, kind, stored)),
    ...[...doomed].map((stored) => itemWrite(id, 'doomed', stored)),
  ])
  leaving.delete(
    app,
    left.filter((stored) => !doomed.has(stored)),
  )
  return 'some'
}

/**
 * Removes a page of doomed files: from the store, then from the journal, then their bodies. Resolves with false when none were left.
 * Throws StorageError, and what a journal throws: then nobody knows which of them the store still has.
 */
export async function removeDoomed(parts: RemoveFilesParts, { app, id }: RemovalNote): Promise<boolean> {
  const { journal, catalog, leaving, store, placement, files } = parts
  const doomed = firstItems(journal, id, 'doomed', REMOVAL_PAGE)
  if (doomed.length === 0) return false
  const objects = doomed.flatMap((stored) => catalog.object(app, stored) ?? [])
  await store.removeObjects(app, doomed)
  await placement.forget(app, objects, [
    ...doomed.map((stored) => itemDone(id, 'doomed', stored)),
    ...doomed.flatMap((stored) => usesOf(parts, app, stored)),
    ...removedWrites(journal, app, doomed),
  ])
  await files.remove(objects.filter(({ inline }) => !inline).map((object) => object.id))
  leaving.delete(app, doomed)
  return true
}

function isGoing(
  parts: RemoveFilesParts,
  note: RemovalNote,
  kind: FileKind,
  object: StoredObject | undefined,
): boolean {
  if (object === undefined) return false
  return mayGo(parts, note, { kind, stored: object.stored, name: object.name })
}

function usesOf({ journal }: RemoveFilesParts, app: string, stored: string) {
  return [...journal.entries(keys.uses(app, stored))].map(([key]) => ({ key, value: null }))
}
