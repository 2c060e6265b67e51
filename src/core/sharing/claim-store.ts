import { contentOf } from '../catalog.ts'
import { MAX_CLAIM_BYTES } from '../limits.ts'
import { type ObjectStore, StorageError } from '../object-store.ts'
import type { Clock } from '../ports.ts'
import { toBytes } from '../records.ts'
import { textInStore } from './text-in-store.ts'

/** What an object in the store says of the receiver that created it. */
export interface Claim {
  /** Id of that receiver; empty: it cannot be read. */
  readonly receiver: string
  /** The first number that it means. */
  readonly first: number
}

/** Claims of receivers that share a store: objects that only one of them can create, and nobody changes. */
export class ClaimStore {
  readonly #store: ObjectStore
  readonly #clock: Clock
  readonly #receiver: string

  /** `receiver` tells this one from all others, over restarts. */
  constructor(store: ObjectStore, clock: Clock, receiver: string) {
    this.#store = store
    this.#clock = clock
    this.#receiver = receiver
  }

  /** Whether a claim is this receiver's. */
  isOwn({ receiver }: Claim): boolean {
    return receiver === this.#receiver
  }

  /** Creates the claim `key`, unless it is there, and gives the one that stands then. Throws StorageError. */
  async claim(key: string, first: number): Promise<Claim> {
    // A store that ignores conditions would say yes to everybody.
    if (!this.#store.capabilities.conditionalCreate) throw new StorageError('refused', true)
    const since = new Date(this.#clock.now()).toISOString()
    const body = contentOf(toBytes(`${JSON.stringify({ receiver: this.#receiver, first, since })}\n`))
    const options = { contentType: 'application/json', cacheControl: 'no-store', ifAbsent: true }
    try {
      await this.#store.put(key, body, options)
      return { receiver: this.#receiver, first }
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'exists') throw error
      const found = await this.read(key)
      if (found === undefined) throw error
      return found
    }
  }

  /** The claim `key`; undefined when there is none. Throws StorageError. */
  async read(key: string): Promise<Claim | undefined> {
    const text = await textInStore(this.#store, key, MAX_CLAIM_BYTES)
    return text === undefined ? undefined : parseClaim(text)
  }
}

/** What is no claim is somebody else's. */
function parseClaim(text: string): Claim {
  try {
    const { receiver, first } = JSON.parse(text) as Record<string, unknown>
    if (typeof receiver === 'string' && Number.isSafeInteger(first)) return { receiver, first: Number(first) }
  } catch {
    // Said below.
  }
  return { receiver: '', first: 0 }
}
