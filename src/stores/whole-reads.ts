import { LRUCache } from 'lru-cache'
import type { ObjectStore } from '../core/object-store.ts'
import { concat } from '../core/piece-buffer.ts'
import { atOnce } from './at-once.ts'

/** Objects that are fetched as a whole at once: each is held in memory. */
const FETCHES_AT_ONCE = 16
/** Pieces in which cached bytes are given out. */
const PIECE_BYTES = 64 * 1024

/** An object that is held in memory. */
export interface WholeObject {
  readonly key: string
  readonly bytes: Uint8Array
  readonly modifiedAt: number
}

/**
 * Whole objects of a store, each fetched once however many wait for it. What is kept and what readers still hold are `maxBytes`
 * together; what is on its way comes on top.
 */
export class WholeReads {
  readonly #store: ObjectStore
  readonly #maxBytes: number
  readonly #kept: LRUCache<string, WholeObject>
  readonly #fetches = new Map<string, Promise<WholeObject | undefined>>()
  readonly #turns = atOnce(FETCHES_AT_ONCE)
  #fetchBytes = 0
  /** How many readers hold an object; it stays in memory for them whether it is kept or not. */
  readonly #readers = new Map<WholeObject, number>()

  constructor(store: ObjectStore, maxBytes: number) {
    this.#store = store
    this.#maxBytes = maxBytes
    this.#kept = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => Math.max(1, bytes.length) })
  }

  /** An object of `size` bytes; undefined: there is none, null: readers hold so much that there is no room for it. */
  async get(key: string, size: number): Promise<WholeObject | undefined | null> {
    const known = this.#kept.get(key) ?? this.#fetches.get(key)
    if (known !== undefined) return known
    if (this.#readBytes(() => true) + this.#fetchBytes + size > this.#maxBytes) return null
    return this.#fetch(key, size)
  }

  /** What is kept of an object. */
  peek(key: string): WholeObject | undefined {
    return this.#kept.peek(key)
  }

  /** An object has changed: it is fetched again for those who come now. */
  forget(key: string): void {
    this.#kept.delete(key)
    this.#fetches.delete(key)
  }

  /** Gives out bytes of an object, which are held until all are read, or the reader leaves. */
  read(object: WholeObject, start: number, end: number): AsyncIterableIterator<Uint8Array> {
    this.#readers.set(object, (this.#readers.get(object) ?? 0) + 1)
    let at = start
    let isOver = false
    const finish = async (): Promise<IteratorReturnResult<undefined>> => {
      if (!isOver) this.#giveBack(object)
      isOver = true
      return { done: true, value: undefined }
    }
    return {
      async next() {
        if (isOver || at >= end) return finish()
        const value = object.bytes.subarray(at, Math.min(at + PIECE_BYTES, end))
        at += value.length
        return value.length === 0 ? finish() : { done: false, value }
      },
      return: finish,
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  #fetch(key: string, size: number): Promise<WholeObject | undefined> {
    this.#fetchBytes += size
    const fetch: Promise<WholeObject | undefined> = this.#turns(() => fetchWhole(this.#store, key))
      .then((object) => {
        // One that was written or deleted meanwhile is for those alone who asked before.
        if (object !== undefined && this.#fetches.get(key) === fetch) this.#keep(object)
        return object
      })
      .finally(() => {
        this.#fetchBytes -= size
        if (this.#fetches.get(key) === fetch) this.#fetches.delete(key)
      })
    this.#fetches.set(key, fetch)
    return fetch
  }

  #keep(object: WholeObject): void {
    this.#kept.set(object.key, object)
    const isOutside = (held: WholeObject) => this.#kept.peek(held.key) !== held
    while (this.#kept.size > 0 && this.#kept.calculatedSize + this.#readBytes(isOutside) > this.#maxBytes) {
      this.#kept.pop()
    }
  }

  /** Bytes of what readers hold. */
  #readBytes(isMeant: (object: WholeObject) => boolean): number {
    const objects = [...this.#readers.keys()].filter(isMeant)
    return objects.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  #giveBack(object: WholeObject): void {
    const left = (this.#readers.get(object) ?? 0) - 1
    if (left > 0) this.#readers.set(object, left)
    else this.#readers.delete(object)
  }
}

async function fetchWhole(store: ObjectStore, key: string): Promise<WholeObject | undefined> {
  const found = await store.get(key)
  if (found === null) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of found.body) chunks.push(chunk)
  return { key, bytes: concat(chunks), modifiedAt: found.modifiedAt }
}
