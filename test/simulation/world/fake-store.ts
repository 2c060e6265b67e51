import {
  type ListPage,
  type ObjectHead,
  type ObjectStore,
  type PutOptions,
  StorageError,
  type StoreCapabilities,
  type StoredBody,
} from '../../../src/core/object-store.ts'
import type { BodyContent } from '../../../src/core/ports.ts'
import { readServed } from '../../../src/testing/served-playlist.ts'
import type { Surroundings } from './surroundings.ts'

/** How often a put or a flush fails, of all. */
const FAILURE_CHANCE = 0.1
/** Parts in which it takes bodies that still arrive, in bytes. */
const EARLY_PART_BYTES = 24 * 1024
/** How often it goes down, of all, and how many attempts fail until it is back. */
const OUTAGE_CHANCE = 0.01
const OUTAGE_ATTEMPTS = [5, 40] as const

interface Stored {
  readonly bytes: Uint8Array
  /** Its bytes were durable before: a body file that was linked. */
  readonly isLinked: boolean
}

/** A store that loses what it was not told to make durable, and fails now and then. */
export class FakeStore implements ObjectStore {
  readonly capabilities: StoreCapabilities
  readonly #world: Surroundings
  readonly #objects: Map<string, Stored>
  /** What survives the loss of power. */
  readonly #synced: Map<string, Stored>

  /** Attempts that fail until it is back. */
  #failuresLeft = 0

  /** Playlists that named something which was not here when they came, or was deleted, with its name. */
  readonly dangling: string[] = []

  constructor(world: Surroundings, durablePut: boolean, objects: ReadonlyMap<string, Stored> = new Map()) {
    this.#world = world
    this.capabilities = {
      durablePut,
      conditionalCreate: true,
      ...(durablePut ? { earlyPartBytes: EARLY_PART_BYTES } : {}),
    }
    this.#objects = new Map(objects)
    this.#synced = new Map(objects)
  }

  async put(key: string, body: BodyContent, _options: PutOptions): Promise<void> {
    await this.#turnOrFailure()
    const chunks: Uint8Array[] = []
    for await (const chunk of body.stream()) chunks.push(chunk)
    const stored = { bytes: new Uint8Array(Buffer.concat(chunks)), isLinked: body.bytes === undefined }
    if (key.endsWith('.m3u8')) this.#noteDangling(key, stored.bytes)
    this.#objects.set(key, stored)
    if (this.capabilities.durablePut) this.#synced.set(key, stored)
  }

  async putOpen(key: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#turnOrFailure()
    const chunks: Uint8Array[] = []
    for await (const chunk of body) {
      chunks.push(chunk)
      await this.#world.turn()
    }
    await this.#turnOrFailure()
    const stored = { bytes: new Uint8Array(Buffer.concat(chunks)), isLinked: true }
    this.#objects.set(key, stored)
    this.#synced.set(key, stored)
  }

  async get(key: string, options?: { range?: { start: number; end: number } }): Promise<StoredBody | null> {
    const stored = this.#objects.get(key)
    if (stored === undefined) return null
    const { start, end } = options?.range ?? { start: 0, end: stored.bytes.length }
    return {
      size: stored.bytes.length,
      modifiedAt: 0,
      body: (async function* () {
        yield stored.bytes.subarray(start, end)
      })(),
    }
  }

  async head(key: string): Promise<ObjectHead | null> {
    const stored = this.#objects.get(key)
    return stored === undefined ? null : { size: stored.bytes.length, modifiedAt: 0 }
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#turnOrFailure()
    for (const key of keys) {
      this.#objects.delete(key)
      if (this.capabilities.durablePut) this.#synced.delete(key)
    }
    const gone = new Set(keys.filter((key) => !key.endsWith('.m3u8')))
    if (gone.size === 0) return
    for (const [key, { bytes }] of this.#objects) {
      if (key.endsWith('.m3u8')) this.#noteDangling(key, bytes, (named) => gone.has(named))
    }
  }

  async list(prefix: string): Promise<ListPage> {
    return { keys: [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort() }
  }

  /** Makes names durable, and that others are gone; the bytes of what was not linked stay unsynced, as on a disk. */
  async flush(): Promise<void> {
    const names = [...this.#objects]
    await this.#turnOrFailure()
    if (this.capabilities.durablePut) return
    const known = new Set(names.map(([key]) => key))
    for (const key of [...this.#synced.keys()]) if (!known.has(key)) this.#synced.delete(key)
    for (const [key, stored] of names)
      this.#synced.set(key, stored.isLinked ? stored : { ...stored, bytes: new Uint8Array(0) })
  }

  async close(): Promise<void> {}

  /** The bytes of an object, for those who check. */
  peek(key: string): Uint8Array | undefined {
    return this.#objects.get(key)?.bytes
  }

  /** What is found after the power came back: what was synced, and of the rest each by chance. */
  afterPowerLoss(world: Surroundings): FakeStore {
    const kept = new Map(this.#synced)
    for (const [key, stored] of this.#objects) {
      if (!this.#synced.has(key) && world.random.next() < 0.5) kept.set(key, stored)
    }
    return new FakeStore(world, this.capabilities.durablePut, kept)
  }

  #noteDangling(key: string, bytes: Uint8Array, isMeant: (named: string) => boolean = () => true): void {
    for (const uri of urisOf(new TextDecoder().decode(bytes))) {
      const named = decodeURIComponent(new URL(uri, `http://store/${key}`).pathname.slice(1))
      if (isMeant(named) && !this.#objects.has(named)) this.dangling.push(`${key}: ${uri}`)
    }
  }

  async #turnOrFailure(): Promise<void> {
    await this.#world.turn()
    const fail = () => new StorageError('unavailable', true)
    this.#world.mayFail(OUTAGE_CHANCE, () => {
      this.#failuresLeft = this.#world.random.whole(...OUTAGE_ATTEMPTS)
      return fail()
    })
    if (this.#failuresLeft-- > 0) this.#world.mayFail(1, fail)
    this.#world.mayFail(FAILURE_CHANCE, fail)
  }
}

/** What a playlist leads to. */
function urisOf(text: string): string[] {
  const { entries, variants } = readServed(text)
  const segments = entries
    .filter(({ isGap }) => !isGap)
    .flatMap(({ uri, map }) => (map === undefined ? [uri] : [uri, map.uri]))
  return [...variants, ...segments]
}
