import { contentOf } from '../core/catalog.ts'
import { type ListPage, type ObjectStore, StorageError } from '../core/object-store.ts'
import type { BodyContent } from '../core/ports.ts'

const PAGE_KEYS = 1_000

/** Objects in this process's memory: for trials and tests; everything is gone when it ends. */
export function memoryStore(now: () => number): ObjectStore {
  const objects = new Map<string, { bytes: Uint8Array; modifiedAt: number; token: string | undefined }>()
  return {
    capabilities: { durablePut: true, conditionalCreate: true },
    async put(key, body, options) {
      const refuseTaken = () => {
        if (options.ifAbsent === true && objects.has(key)) throw new StorageError('exists', false)
      }
      refuseTaken()
      const bytes = await gather(body, options.signal)
      refuseTaken()
      objects.set(key, { bytes, modifiedAt: now(), token: options.token })
    },
    async get(key, options) {
      const object = objects.get(key)
      if (object === undefined) return null
      const { start, end } = options?.range ?? { start: 0, end: object.bytes.length }
      const body = contentOf(object.bytes).stream(start, end)
      return { size: object.bytes.length, modifiedAt: object.modifiedAt, body }
    },
    async head(key) {
      const object = objects.get(key)
      if (object === undefined) return null
      const { bytes, modifiedAt, token } = object
      return { size: bytes.length, modifiedAt, ...(token === undefined ? {} : { token }) }
    },
    async delete(keys) {
      for (const key of keys) objects.delete(key)
    },
    async list(prefix, cursor = ''): Promise<ListPage> {
      const after = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > cursor).sort()
      const keys = after.slice(0, PAGE_KEYS)
      const heads = keys.map((key) => {
        const object = objects.get(key)
        return { size: object?.bytes.length ?? 0, modifiedAt: object?.modifiedAt ?? 0 }
      })
      const last = keys.at(-1)
      return after.length > keys.length && last !== undefined ? { keys, heads, cursor: last } : { keys, heads }
    },
    async flush() {},
    async close() {},
  }
}

/** All bytes of a body; throws StorageError when it fails, is aborted, or has another size than it says. */
async function gather(body: BodyContent, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const whole = new Uint8Array(body.size)
  let at = 0
  try {
    for await (const chunk of body.stream()) {
      signal?.throwIfAborted()
      whole.set(chunk, at)
      at += chunk.length
    }
    signal?.throwIfAborted()
  } catch (cause) {
    throw new StorageError('unavailable', true, { cause })
  }
  if (at !== body.size) throw new StorageError('unavailable', true)
  return whole
}
