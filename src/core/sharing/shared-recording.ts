import { MAX_LISTED_PAGES, MAX_PLAYLIST_BYTES, MAX_RECORDINGS_AT_ONCE, VOD_CACHE_MS } from '../limits.ts'
import { type ObjectStore, StorageError } from '../object-store.ts'
import type { Clock } from '../ports.ts'
import type { Recordings } from '../recordings.ts'
import { toBytes, toText } from '../records.ts'
import { storeKey } from '../storing/store-key.ts'
import { mergedRecording } from './merged-recording.ts'
import { partOf, partPrefix } from './shared-files.ts'
import type { Sharing } from './sharing.ts'
import { keysInStore, textInStore } from './text-in-store.ts'

/** Puts the recording of a playlist together that several receivers had one after the other. */
export class SharedRecording {
  readonly #clock: Clock
  readonly #store: ObjectStore
  readonly #recordings: Recordings
  readonly #sharing: Sharing
  /** Those that are put together, or were a moment ago. */
  readonly #known = new Map<string, Promise<Uint8Array | undefined>>()

  #running = 0

  constructor(clock: Clock, store: ObjectStore, recordings: Recordings, sharing: Sharing) {
    this.#clock = clock
    this.#store = store
    this.#recordings = recordings
    this.#sharing = sharing
  }

  /**
   * The recording with what others have of it; undefined where they have nothing, as far as it is known. Put together at most once in VOD_CACHE_MS, and
   * MAX_RECORDINGS_AT_ONCE at once. Throws StorageError.
   */
  async recorded(app: string, name: string): Promise<Uint8Array | undefined> {
    if (!this.#sharing.isShared || this.#recordings.areRunsApart(app, name)) return undefined
    const key = storeKey(app, name)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#running >= MAX_RECORDINGS_AT_ONCE) throw new StorageError('unavailable', true)
    this.#running++
    const made = this.#putTogether(app, name).finally(() => this.#running--)
    this.#known.set(key, made)
    const forget = () => void this.#known.delete(key)
    made.then(() => this.#clock.after(VOD_CACHE_MS, forget), forget)
    return made
  }

  async #putTogether(app: string, name: string): Promise<Uint8Array | undefined> {
    const terms = this.#sharing.terms(app, name)
    const own = new Set(terms.map(({ ordinal }) => ordinal))
    const parts = new Map<number, string>()
    for await (const key of keysInStore(this.#store, storeKey(app, partPrefix(name)), MAX_LISTED_PAGES)) {
      const ordinal = partOf(key)?.ordinal
      if (ordinal === undefined || own.has(ordinal)) continue
      const text = await textInStore(this.#store, key, MAX_PLAYLIST_BYTES)
      if (text !== undefined) parts.set(ordinal, text)
    }
    if (parts.size === 0) return undefined
    const newest = Math.max(...parts.keys())
    for (const { ordinal, from, end } of terms) {
      const isOver = end !== undefined || ordinal < newest
      const served = await this.#recordings.part(app, name, { number: from, end, isOver })
      if (served !== undefined) parts.set(ordinal, toText(served.bytes))
    }
    const inOrder = [...parts].sort(([one], [other]) => one - other)
    return toBytes(mergedRecording(inOrder.map(([, text]) => text)))
  }
}
