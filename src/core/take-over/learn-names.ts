import { plainName } from '../archive/runs.ts'
import { fileKind, isFileName } from '../file-kind.ts'
import { MAX_ACCEPTANCES } from '../limits.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { isProduct, productName } from '../products/product-names.ts'
import { type Acceptance, jsonWrite, keys, readJson, type StoredObject } from '../records.ts'
import type { PolicyFor } from '../restart-policy.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { type FoundObject, isGiven } from './found-object.ts'

const NOTHING = new Uint8Array(0)

/** Writes down that names are taken in the store, so that none is given again; of videos that HLS has no use for, that they are such. */
export function takenNames(journal: Journal, found: readonly FoundObject[]): JournalWrite[] {
  return found
    .filter(({ app, name }) => !isProduct(journal, app, name))
    .map(({ app, name }) =>
      isFileName(name) && fileKind(name) === undefined
        ? productName(app, name)
        : { key: keys.taken(app, name), value: NOTHING },
    )
}

/**
 * Writes down segments, init sections and keys of the store as objects of this receiver, unless it has them. What their encoder called
 * them is not known any more: the stored name stands for that, and where a date-time was put into it also the name without. Nor is their
 * hash known, or whose key brought them.
 */
export function takenObjects(
  journal: Journal,
  found: readonly FoundObject[],
  { nextId, policyFor }: { nextId(): string; readonly policyFor: PolicyFor },
): JournalWrite[] {
  const isNew = ({ app, name }: FoundObject) =>
    journal.get(keys.object(app, name)) === undefined && !isProduct(journal, app, name)
  const acceptances = new Map<string, readonly Acceptance[]>()
  const objects = found
    .filter((each) => isGiven(each) && fileKind(each.name) !== 'playlist' && isNew(each))
    .flatMap(({ app, name, size, modifiedAt }) => {
      const id = nextId()
      const about = { size, hash: '', acceptedAt: modifiedAt, owner: '', inline: false }
      const object: StoredObject = { name, stored: name, id, ...about }
      const plain = policyFor(app, name) === 'addDateTimeToHlsFileName' ? plainName(name) : undefined
      if (plain !== undefined) {
        const key = keys.versions(app, plain)
        const before = acceptances.get(key) ?? readJson<Acceptance[]>(journal, key) ?? []
        acceptances.set(key, [...before, { stored: name, id }].slice(-MAX_ACCEPTANCES))
      }
      return [
        jsonWrite(keys.object(app, name), object),
        ...[name, plain ?? name].flatMap((each) => inFolder(app, each)),
      ]
    })
  return [...objects, ...[...acceptances].map(([key, all]) => jsonWrite(key, all))]
}

function inFolder(app: string, name: string): JournalWrite[] {
  const folder = folderOf(name)
  return folder === '' ? [] : [{ key: keys.basename(app, baseName(name), folder), value: NOTHING }]
}
