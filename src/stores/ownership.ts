import { contentOf } from '../core/catalog.ts'
import { type ObjectStore, StorageError } from '../core/object-store.ts'
import { concat } from '../core/piece-buffer.ts'
import { toBytes, toText } from '../core/records.ts'

const NAME = '.hls-receiver-owner.json'

/** The prefix belongs to another receiver. */
export class ForeignOwner extends Error {
  constructor(key: string, owner: string, since: string) {
    super(`${key} says that the prefix belongs to the receiver ${owner}, since ${since}`)
    this.name = 'ForeignOwner'
  }
}

/** Keys of the objects that say to whom a prefix belongs: one for each app, or one for whatever apps there may be. */
export function ownerKeys(prefix: string, apps: readonly string[]): string[] {
  if (apps.length > 0) return [...new Set(apps.map((app) => `${prefix.replaceAll(':app', app)}/${NAME}`))]
  const parts = prefix.split('/')
  const fixed = parts.slice(0, parts.indexOf(':app'))
  return [[...fixed, NAME].join('/')]
}

/**
 * Whose a prefix of a store is. Two receivers that do not know each other's names would overwrite each other's recordings:
 * the first one writes down that the prefix is its own, and others keep off.
 */
export class Ownership {
  readonly #store: ObjectStore
  readonly #keys: readonly string[]
  readonly #id: string
  readonly #prove: () => Promise<void>
  #isTakingOver: boolean
  #isConfirmed = false
  #confirming: Promise<void> | undefined

  /**
   * `id` tells this receiver from all others, over restarts, or those that share the prefix; `isTakingOver`: a prefix of another
   * is made its own; `prove` throws where the store is not fit for it.
   */
  constructor(
    store: ObjectStore,
    keys: readonly string[],
    id: string,
    isTakingOver: boolean,
    prove: () => Promise<void>,
  ) {
    this.#store = store
    this.#keys = keys
    this.#id = id
    this.#isTakingOver = isTakingOver
    this.#prove = prove
  }

  /** Resolves when the prefix is this receiver's, and nobody else's. Throws ForeignOwner, StorageError, or what `prove` throws. */
  async confirm(): Promise<void> {
    if (this.#isConfirmed) return
    this.#confirming ??= this.#confirmAll().finally(() => {
      this.#confirming = undefined
    })
    await this.#confirming
  }

  async #confirmAll(): Promise<void> {
    await this.#prove()
    for (const key of this.#keys) await this.#confirmKey(key)
    this.#isConfirmed = true
    this.#isTakingOver = false
  }

  async #confirmKey(key: string): Promise<void> {
    const owner = await this.#owner(key)
    if (owner?.receiver === this.#id) return
    if (owner !== undefined && !this.#isTakingOver) throw new ForeignOwner(key, owner.receiver, owner.since)
    await this.#claim(key, owner === undefined)
    // Where the store has no conditions two may have written at once: the last one has it.
    const after = await this.#owner(key)
    if (after?.receiver !== this.#id) throw new ForeignOwner(key, after?.receiver ?? 'nobody', after?.since ?? 'now')
  }

  async #claim(key: string, ifAbsent: boolean): Promise<void> {
    const body = contentOf(toBytes(JSON.stringify({ receiver: this.#id, since: new Date().toISOString() })))
    const options = { contentType: 'application/json', cacheControl: 'no-store', token: this.#id }
    try {
      await this.#store.put(key, body, { ...options, ifAbsent })
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      if (error.code === 'exists') return
      // A store that does not know conditions.
      if (error.code === 'refused' && ifAbsent) return this.#store.put(key, body, options)
      throw error
    }
  }

  async #owner(key: string): Promise<{ receiver: string; since: string } | undefined> {
    const found = await this.#store.get(key)
    if (found === null) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of found.body) chunks.push(chunk)
    return parseOwner(toText(concat(chunks)))
  }
}

/** Whoever wrote something else there is somebody else. */
function parseOwner(text: string): { receiver: string; since: string } {
  try {
    const { receiver, since } = JSON.parse(text) as Record<string, unknown>
    return { receiver: String(receiver), since: String(since) }
  } catch {
    return { receiver: 'unknown', since: 'unknown' }
  }
}

/** A store in which nothing is changed before it is known to whom it belongs. */
export function ownedStore(store: ObjectStore, ownership: Ownership): ObjectStore {
  const confirmed = () =>
    ownership.confirm().catch((cause: unknown) => {
      throw cause instanceof StorageError ? cause : new StorageError('refused', false, { cause })
    })
  return {
    capabilities: store.capabilities,
    async put(key, body, options) {
      await confirmed()
      await store.put(key, body, options)
    },
    ...(store.putOpen && {
      async putOpen(key, body, options) {
        await confirmed()
        await store.putOpen?.(key, body, options)
      },
    }),
    get: (key, options) => store.get(key, options),
    head: (key, options) => store.head(key, options),
    async delete(keys) {
      await confirmed()
      await store.delete(keys)
    },
    list: (prefix, cursor) => store.list(prefix, cursor),
    flush: () => store.flush(),
    close: () => store.close(),
  }
}
