import type { ObjectStore } from '../object-store.ts'
import { concat } from '../piece-buffer.ts'
import { toText } from '../records.ts'

/** A text in the store; undefined when there is none, or a larger one than `maxBytes`. Throws StorageError. */
export async function textInStore(store: ObjectStore, key: string, maxBytes: number): Promise<string | undefined> {
  const found = await store.get(key)
  if (found === null) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of found.body) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return toText(concat(chunks))
}

/** The keys that begin with a prefix, in order, of at most `maxPages` pages. Throws StorageError. */
export async function* keysInStore(store: ObjectStore, prefix: string, maxPages: number): AsyncGenerator<string> {
  let cursor: string | undefined
  for (let page = 0; page < maxPages; page++) {
    const found = await store.list(prefix, cursor)
    yield* found.keys
    cursor = found.cursor
    if (cursor === undefined) return
  }
}
