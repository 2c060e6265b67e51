import { fileKind } from '../file-kind.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, type StoredObject } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { type FoundObject, isGiven } from './found-object.ts'

const NOTHING = new Uint8Array(0)

/** Writes down that names are taken in the store, so that none is given again. */
export function takenNames(found: readonly FoundObject[]): JournalWrite[] {
  return found.map(({ app, name }) => ({ key: keys.taken(app, name), value: NOTHING }))
}

/**
 * Writes down segments, init sections and keys of the store as objects of this receiver, unless it has them. What their encoder called
 * them is not known any more: the stored name stands for that. Nor is their hash, or whose key brought them.
 */
export function takenObjects(journal: Journal, found: readonly FoundObject[], nextId: () => string): JournalWrite[] {
  const isNew = ({ app, name }: FoundObject) => journal.get(keys.object(app, name)) === undefined
  return found
    .filter((each) => isGiven(each) && fileKind(each.name) !== 'playlist' && isNew(each))
    .flatMap(({ app, name, size, modifiedAt }) => {
      const folder = folderOf(name)
      const object: StoredObject = {
        name,
        stored: name,
        id: nextId(),
        size,
        hash: '',
        acceptedAt: modifiedAt,
        owner: '',
        inline: false,
      }
      return [
        jsonWrite(keys.object(app, name), object),
        ...(folder === '' ? [] : [{ key: keys.basename(app, baseName(name), folder), value: NOTHING }]),
      ]
    })
}
