import type { ObjectStore } from './object-store.ts'

/**
 * `store`, in which what it lacks is looked for in `other`, too, where objects went before. Nothing is put there any more; a removal
 * removes from both. Listings are of `store` alone. Where one fails and the other has not what is asked for, that is told, since it may
 * be there.
 */
export function alsoReadFrom(store: ObjectStore, other: ObjectStore): ObjectStore {
  return {
    capabilities: store.capabilities,
    put: (key, body, options) => store.put(key, body, options),
    ...(store.putOpen && { putOpen: async (key, body, options) => store.putOpen?.(key, body, options) }),
    get: (key, options) => firstFound([store, other], (each) => each.get(key, options)),
    head: (key, options) => firstFound([store, other], (each) => each.head(key, options)),
    async delete(keys) {
      await store.delete(keys)
      await other.delete(keys)
    },
    list: (prefix, cursor) => store.list(prefix, cursor),
    async flush() {
      await store.flush()
      await other.flush()
    },
    async close() {
      await store.close().finally(() => other.close())
    },
  }
}

async function firstFound<T>(
  stores: readonly ObjectStore[],
  read: (store: ObjectStore) => Promise<T | null>,
): Promise<T | null> {
  let failure: unknown
  for (const store of stores) {
    const found = await read(store).catch((error: unknown) => {
      failure ??= error
      return null
    })
    if (found !== null) return found
  }
  if (failure !== undefined) throw failure
  return null
}
