import { type ObjectStore, StorageError } from '../core/object-store.ts'
import { atOnce } from './at-once.ts'
import { WholeReads } from './whole-reads.ts'

/** Questions for objects of unknown size that are put to the store at once, and that may wait. */
const HEADS_AT_ONCE = 16
const MAX_WAITING = 1_000

/**
 * Keeps up to `maxBytes` of what was read of `store` in memory. Objects whose size the reader tells, and that are no larger
 * than `maxObjectBytes`, are fetched once, however many wait for them or for their ranges; while slow readers hold too many of
 * them, reads are passed on.
 */
export function cachedReads(store: ObjectStore, maxBytes: number, maxObjectBytes: number): ObjectStore {
  const reads = new WholeReads(store, maxBytes)
  // Whoever asks for names that nobody knows must not take the connections of uploads.
  const heads = atOnce(HEADS_AT_ONCE)
  const fresh = async (key: string) => {
    if (heads.pendingCount >= MAX_WAITING) throw new StorageError('unavailable', true)
    const head = await heads(() => store.head(key))
    const kept = reads.peek(key)
    // Another receiver may have overwritten it.
    if (kept !== undefined && (kept.bytes.length !== head?.size || kept.modifiedAt !== head.modifiedAt))
      reads.forget(key)
    return head
  }
  const cached = async (key: string, size: number | undefined) =>
    size === undefined || size > maxObjectBytes ? null : reads.get(key, size)
  return {
    capabilities: store.capabilities,
    async put(key, body, options) {
      // Also where it failed: the store may have it all the same.
      await store.put(key, body, options).finally(() => reads.forget(key))
    },
    ...(store.putOpen && {
      async putOpen(key, body, options) {
        await store.putOpen?.(key, body, options).finally(() => reads.forget(key))
      },
    }),
    async get(key, options) {
      const found = await cached(key, options?.size)
      if (found === null) return store.get(key, options)
      if (found === undefined) return null
      const { bytes, modifiedAt } = found
      const { start, end } = options?.range ?? { start: 0, end: bytes.length }
      return { size: bytes.length, modifiedAt, body: reads.read(found, start, end) }
    },
    async head(key, options) {
      const found = await cached(key, options?.size)
      if (found === null) return fresh(key)
      return found === undefined ? null : { size: found.bytes.length, modifiedAt: found.modifiedAt }
    },
    async delete(keys) {
      await store.delete(keys).finally(() => keys.map((key) => reads.forget(key)))
    },
    list: (prefix, cursor) => store.list(prefix, cursor),
    flush: () => store.flush(),
    close: () => store.close(),
  }
}
