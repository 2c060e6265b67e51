import { atMost } from '../at-most.ts'
import { hasPassed } from '../elapsed.ts'
import { numberOf } from '../free-name.ts'
import { CLAIM_BLOCK_NUMBERS, CLAIM_RETRY_MS, CLAIM_WAIT_MS, MAX_FOREIGN_BLOCKS, MAX_LISTED_PAGES } from '../limits.ts'
import type { ObjectStore } from '../object-store.ts'
import type { Host, Journal } from '../ports.ts'
import { keys } from '../records.ts'
import { storeKey } from '../storing/store-key.ts'
import { baseName, folderOf } from '../upload-path.ts'
import type { ClaimStore } from './claim-store.ts'
import { keysInStore } from './text-in-store.ts'

/** Stored names with numbers, CLAIM_BLOCK_NUMBERS of them. */
interface NameBlock {
  /** What stands around the number. */
  readonly before: string
  readonly after: string
  readonly index: number
  /** What the names of the block begin with that have as many digits. */
  readonly stem: string
}

/** Those in which the numbers of a block differ. */
const BLOCK_DIGITS = String(CLAIM_BLOCK_NUMBERS - 1).length

const NOTHING = new Uint8Array(0)

/**
 * Which of the numbered names in a shared store are this receiver's to give. They are claimed by the block, with the first
 * upload of each; what no block is claimed for gets a name with its upload's id.
 */
export class NameBlocks {
  readonly #host: Host
  readonly #journal: Journal
  readonly #store: ObjectStore
  readonly #claims: ClaimStore
  readonly #claiming = new Map<string, Promise<void>>()
  /** Blocks that are somebody else's, those asked for longest ago first. */
  readonly #foreign = new Set<string>()
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(host: Host, journal: Journal, store: ObjectStore, claims: ClaimStore) {
    this.#host = host
    this.#journal = journal
    this.#store = store
    this.#claims = claims
  }

  /** Whether a stored name is this receiver's to give. */
  isOwn(app: string, name: string): boolean {
    const block = blockOf(name)
    return block !== undefined && this.#journal.get(recordKey(app, block)) !== undefined
  }

  /** Claims the block of a name, unless it is known whose it is; waits for that at most CLAIM_WAIT_MS, and never rejects. */
  async claim(app: string, name: string): Promise<void> {
    const block = blockOf(name)
    if (block === undefined || this.isOwn(app, name)) return
    const key = recordKey(app, block)
    if (this.#foreign.has(key) || !hasPassed(this.#failedAt, CLAIM_RETRY_MS, this.#host.clock.now())) return
    const claiming = this.#claiming.get(key) ?? this.#begin(app, block, key)
    await atMost(this.#host.clock, CLAIM_WAIT_MS, claiming)
    if (this.#claiming.has(key)) this.#failedAt = this.#host.clock.now()
  }

  #begin(app: string, block: NameBlock, key: string): Promise<void> {
    const claiming = this.#claim(app, block, key)
      .catch((cause: unknown) => {
        this.#failedAt = this.#host.clock.now()
        this.#host.log.warn('names not claimed', { app, name: claimName(block), cause })
      })
      .finally(() => this.#claiming.delete(key))
    this.#claiming.set(key, claiming)
    return claiming
  }

  async #claim(app: string, block: NameBlock, key: string): Promise<void> {
    const claim = await this.#claims.claim(storeKey(app, claimName(block)), block.index * CLAIM_BLOCK_NUMBERS)
    if (this.#claims.isOwn(claim) && !(await this.#isUsed(app, block))) {
      await this.#journal.commit([{ key, value: NOTHING }])
      return
    }
    this.#foreign.add(key)
    const [oldest] = this.#foreign
    if (this.#foreign.size > MAX_FOREIGN_BLOCKS && oldest !== undefined) this.#foreign.delete(oldest)
  }

  /** Whether the store has names of the block already, of somebody who claimed none. */
  async #isUsed(app: string, { before, after, index, stem }: NameBlock): Promise<boolean> {
    const root = storeKey(app, '')
    let count = 0
    for await (const key of keysInStore(this.#store, storeKey(app, stem), MAX_LISTED_PAGES)) {
      const other = blockOf(key.slice(root.length))
      if (other?.before === before && other.after === after && other.index === index) return true
      count++
    }
    // More names than are looked at may hide some.
    return count >= MAX_LISTED_PAGES * 1_000
  }
}

function blockOf(name: string): NameBlock | undefined {
  // A query may hold a token; such names have the id of their upload anyway.
  const [before, digits, after] = (name.includes('?') ? undefined : numberOf(name)) ?? []
  if (before === undefined || digits === undefined || after === undefined) return undefined
  const stem = before + digits.slice(0, -BLOCK_DIGITS)
  return { before, after, stem, index: Math.floor(Number(digits) / CLAIM_BLOCK_NUMBERS) }
}

/** Where it is written that a block is claimed: `cam000000001.ts` → `.cam.ts.numbers-0`, beside the names themselves. */
function claimName({ before, after, index }: NameBlock): string {
  return `${folderOf(before)}.${baseName(before)}${after}.numbers-${index}`
}

function recordKey(app: string, block: NameBlock): string {
  return keys.nameBlock(app, claimName(block))
}
