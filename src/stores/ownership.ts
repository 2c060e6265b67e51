import { contentOf } from '../core/catalog.ts'
import { type ObjectStore, StorageError } from '../core/object-store.ts'
import { concat } from '../core/piece-buffer.ts'
import { toBytes, toText } from '../core/records.ts'
import type { ConditionalCreate } from './s3/conditional-create.ts'

const NAME = '.hls-receiver-owner.json'
/** How long a claim that another may have overwritten is left alone before it is looked at again, in ms. */
const SETTLE_MS = 3_000

interface Owner {
  readonly receiver: string
  readonly since: string
}

/** The prefix belongs to another receiver. */
export class ForeignOwner extends Error {
  constructor(key: string, owner: string, since: string) {
    super(`${key} says that the prefix belongs to the receiver ${owner}, since ${since}`)
    this.name = 'ForeignOwner'
  }
}

/** Receivers cannot share the prefix, since two could claim the same. */
export class UnfitStore extends Error {
  constructor(found: ConditionalCreate) {
    super(
      `conditional creation is ${found} by the bucket's service; two receivers could claim the same. Use one receiver for each S3_PREFIX.`,
    )
    this.name = 'UnfitStore'
  }
}

/** Where it is written down to whom a prefix belongs. */
export interface OwnerKeys {
  /** One for each app, or one for whatever apps there may be. */
  readonly own: readonly string[]
  /** Where a receiver for whatever apps there may be has its own, which those for some apps only look at. */
  readonly above: readonly string[]
}

/** The keys for the prefixes and the apps of a receiver. */
export function ownerKeys(prefixes: readonly string[], apps: readonly string[]): OwnerKeys {
  const all = prefixes.map((prefix) => keysOfPrefix(prefix, apps))
  const each = (keys: readonly string[]) => [...new Set(keys)]
  return { own: each(all.flatMap(({ own }) => own)), above: each(all.flatMap(({ above }) => above)) }
}

function keysOfPrefix(prefix: string, apps: readonly string[]): OwnerKeys {
  const parts = prefix.split('/')
  const forAll = [...parts.slice(0, parts.indexOf(':app')), NAME].join('/')
  if (apps.length === 0) return { own: [forAll], above: [] }
  const own = apps.map((app) => `${prefix.replaceAll(':app', app)}/${NAME}`)
  return { own, above: parts.includes(':app') ? [forAll] : [] }
}

/** Who claims a prefix. */
export interface Claimant {
  /** Tells this receiver from all others, over restarts, or those that share the prefix. */
  readonly id: string
  readonly isShared: boolean
  /** A prefix of another is made its own. */
  readonly isTakingOver: boolean
}

/** What an ownership needs besides the store. */
export interface OwnershipMeans {
  /** Finds out whether the store honours conditions. */
  probe(): Promise<ConditionalCreate>
  pause(ms: number): Promise<void>
}

/**
 * Whose a prefix of a store is. Two receivers that do not know each other's names would overwrite each other's recordings:
 * the first one writes down that the prefix is its own, and others keep off.
 */
export class Ownership {
  readonly #store: ObjectStore
  readonly #keys: OwnerKeys
  readonly #claimant: Claimant
  readonly #means: OwnershipMeans
  #isTakingOver: boolean
  /** Keys that others may be claiming at the same time, as far as this receiver knows. */
  readonly #contested = new Set<string>()
  #isConfirmed = false
  #confirming: Promise<void> | undefined

  constructor(store: ObjectStore, keys: OwnerKeys, claimant: Claimant, means: OwnershipMeans) {
    this.#store = store
    this.#keys = keys
    this.#claimant = claimant
    this.#means = means
    this.#isTakingOver = claimant.isTakingOver
  }

  /**
   * Resolves when the prefix is this receiver's, and nobody else's. Throws ForeignOwner, UnfitStore, StorageError, or what the
   * probe throws.
   */
  async confirm(): Promise<void> {
    if (this.#isConfirmed) return
    this.#confirming ??= this.#confirmAll().finally(() => {
      this.#confirming = undefined
    })
    await this.#confirming
  }

  /** Whether these keys say already that their prefix is this receiver's. Throws StorageError. */
  async isOwn(keys: readonly string[]): Promise<boolean> {
    for (const key of keys) if ((await this.#owner(key))?.receiver !== this.#claimant.id) return false
    return true
  }

  async #confirmAll(): Promise<void> {
    // Receivers that share a prefix claim much else.
    if (this.#claimant.isShared) await this.#probe()
    const claimed: string[] = []
    for (const key of this.#keys.own) if (await this.#claimUnlessOwn(key)) claimed.push(key)
    // Two may have written at once, each after it had found nobody: the last one has it.
    if (claimed.some((key) => this.#contested.has(key))) await this.#means.pause(SETTLE_MS)
    for (const key of claimed) await this.#confirmKey(key)
    this.#isConfirmed = true
    this.#isTakingOver = false
  }

  async #probe(): Promise<ConditionalCreate> {
    const found = await this.#means.probe()
    if (this.#claimant.isShared && found !== 'honoured') throw new UnfitStore(found)
    return found
  }

  /** Whether it is to be looked at again whose the key is. */
  async #claimUnlessOwn(key: string): Promise<boolean> {
    const owner = await this.#owner(key)
    const isOwn = owner?.receiver === this.#claimant.id
    if (isOwn && !this.#contested.has(key)) return false
    if (!isOwn) await this.#claim(key, owner)
    return true
  }

  async #confirmKey(key: string): Promise<void> {
    const after = await this.#owner(key)
    // Who lost does not take it back at the next look.
    if (after?.receiver !== this.#claimant.id) this.#isTakingOver = false
    this.#refuse(key, after)
    this.#contested.delete(key)
  }

  async #claim(key: string, owner: Owner | undefined): Promise<void> {
    if (!this.#isTakingOver) {
      for (const above of this.#keys.above) {
        const ofAll = await this.#owner(above)
        if (ofAll !== undefined) this.#refuse(above, ofAll)
      }
      if (owner !== undefined) this.#refuse(key, owner)
    }
    const conditions = owner === undefined ? await this.#probe() : 'honoured'
    const ifAbsent = owner === undefined && conditions !== 'refused'
    if (owner !== undefined || conditions !== 'honoured') this.#contested.add(key)
    const { id } = this.#claimant
    const body = contentOf(toBytes(JSON.stringify({ receiver: id, since: new Date().toISOString() })))
    const options = { contentType: 'application/json', cacheControl: 'no-store', token: id, ifAbsent }
    await this.#store.put(key, body, options).catch((error: unknown) => {
      if (!(error instanceof StorageError && error.code === 'exists')) throw error
    })
  }

  /** Throws ForeignOwner unless it is this receiver. */
  #refuse(key: string, owner: Owner | undefined): void {
    if (owner?.receiver === this.#claimant.id) return
    throw new ForeignOwner(key, owner?.receiver ?? 'nobody', owner?.since ?? 'now')
  }

  async #owner(key: string): Promise<Owner | undefined> {
    const found = await this.#store.get(key)
    if (found === null) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of found.body) chunks.push(chunk)
    return parseOwner(toText(concat(chunks)))
  }
}

/** Whoever wrote something else there is somebody else. */
function parseOwner(text: string): Owner {
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
