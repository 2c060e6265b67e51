import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { type ObjectStore, StorageError, type StoredBody } from '../core/object-store.ts'
import { concat } from '../core/piece-buffer.ts'

/** Objects that are fetched as a whole at once: each is held in memory. */
const FETCHES_AT_ONCE = 16
/** Questions for objects of unknown size that may wait. */
const MAX_WAITING = 1_000
/** Pieces in which cached bytes are given out. */
const PIECE_BYTES = 64 * 1024

interface Cached {
  readonly bytes: Uint8Array
  readonly modifiedAt: number
}

/**
 * Keeps up to `maxBytes` of what was read of `store` in memory. Objects whose size the reader tells, and that are no larger
 * than `maxObjectBytes`, are fetched once, however many wait for them or for their ranges.
 */
export function cachedReads(store: ObjectStore, maxBytes: number, maxObjectBytes: number): ObjectStore {
  const limit = pLimit(FETCHES_AT_ONCE)
  // Whoever asks for names that nobody knows must not take the connections of uploads.
  const heads = pLimit(FETCHES_AT_ONCE)
  const cache = new LRUCache<string, Cached>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes.length),
    fetchMethod: (key) => limit(() => fetchWhole(store, key)),
  })
  const fresh = async (key: string) => {
    if (heads.pendingCount >= MAX_WAITING) throw new StorageError('unavailable', true)
    const head = await heads(() => store.head(key))
    const kept = cache.peek(key)
    // Another receiver may have overwritten it.
    if (kept !== undefined && (kept.bytes.length !== head?.size || kept.modifiedAt !== head.modifiedAt))
      cache.delete(key)
    return head
  }
  const cached = async (key: string, size: number | undefined) =>
    size === undefined || size > maxObjectBytes ? null : cache.fetch(key)
  return {
    capabilities: store.capabilities,
    async put(key, body, options) {
      await store.put(key, body, options)
      cache.delete(key)
    },
    ...(store.putOpen && {
      async putOpen(key, body, options) {
        await store.putOpen?.(key, body, options)
        cache.delete(key)
      },
    }),
    async get(key, options) {
      const found = await cached(key, options?.size)
      if (found === null) return store.get(key, options)
      if (found === undefined) return null
      const { bytes, modifiedAt } = found
      const { start, end } = options?.range ?? { start: 0, end: bytes.length }
      return { size: bytes.length, modifiedAt, body: pieces(bytes.subarray(start, end)) }
    },
    async head(key, options) {
      const found = await cached(key, options?.size)
      if (found === null) return fresh(key)
      return found === undefined ? null : { size: found.bytes.length, modifiedAt: found.modifiedAt }
    },
    async delete(keys) {
      await store.delete(keys)
      for (const key of keys) cache.delete(key)
    },
    list: (prefix, cursor) => store.list(prefix, cursor),
    flush: () => store.flush(),
    close: () => store.close(),
  }
}

/** Undefined, which is not kept, where there is no such object. */
async function fetchWhole(store: ObjectStore, key: string): Promise<Cached | undefined> {
  const found = await store.get(key)
  return found === null ? undefined : { bytes: await whole(found), modifiedAt: found.modifiedAt }
}

async function whole({ body }: StoredBody): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return concat(chunks)
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}
