import type { Catalog } from './catalog.ts'
import { ReceiverError } from './errors.ts'
import type { ObjectStore } from './object-store.ts'
import type { BodyContent } from './ports.ts'
import type { StoredObject } from './records.ts'
import { storeKey } from './storing/store-key.ts'

/** The bytes of an object: those that this node still holds, else those of the store. Throws `not-found`, `storage-unavailable`. */
export async function objectContent(
  catalog: Catalog,
  store: ObjectStore,
  app: string,
  object: StoredObject,
): Promise<BodyContent> {
  return (await catalog.content(object)) ?? (await contentInStore(store, storeKey(app, object.stored), object.size))
}

/** It is asked for before anything is answered, since a status cannot be taken back. */
async function contentInStore(store: ObjectStore, key: string, size: number): Promise<BodyContent> {
  const head = await store.head(key, { size }).catch((cause: unknown) => {
    throw new ReceiverError('storage-unavailable', undefined, { cause })
  })
  if (head === null) throw new ReceiverError('not-found')
  return {
    size,
    async *stream(start = 0, end = size) {
      const found = await store.get(key, { range: { start, end }, size })
      if (found === null) throw new ReceiverError('storage-unavailable')
      yield* found.body
    },
  }
}
