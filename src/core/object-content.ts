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
  const here = await catalog.content(object)
  return here ?? (await contentInStore(store, storeKey(app, object.stored), object.size)).content
}

/**
 * The bytes of a key in the store, of `size` where that is known, and when they were written. It is asked for before anything is
 * answered, since a status cannot be taken back. Throws `not-found`, `storage-unavailable`.
 */
export async function contentInStore(
  store: ObjectStore,
  key: string,
  known?: number,
): Promise<{ readonly content: BodyContent; readonly modifiedAt: number }> {
  const head = await store.head(key, known === undefined ? {} : { size: known }).catch((cause: unknown) => {
    throw new ReceiverError('storage-unavailable', undefined, { cause })
  })
  if (head === null) throw new ReceiverError('not-found')
  const size = known ?? head.size
  const content: BodyContent = {
    size,
    async *stream(start = 0, end = size) {
      const found = await store.get(key, { range: { start, end }, size })
      if (found === null) throw new ReceiverError('storage-unavailable')
      yield* found.body
    },
  }
  return { content, modifiedAt: head.modifiedAt }
}
