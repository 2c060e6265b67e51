import { atMost } from '../at-most.ts'
import { hasPassed } from '../elapsed.ts'
import {
  CLAIM_BLOCK_NUMBERS,
  CLAIM_RETRY_MS,
  CLAIM_WAIT_MS,
  MAX_CLAIM_TRIES,
  MAX_LISTED_PAGES,
  MAX_PLAYLIST_BYTES,
} from '../limits.ts'
import { type ObjectStore, StorageError } from '../object-store.ts'
import type { Floor } from '../playlist/floor.ts'
import type { Host, Journal } from '../ports.ts'
import { jsonWrite, keys, readJson } from '../records.ts'
import { storeKey } from '../storing/store-key.ts'
import type { Claim, ClaimStore } from './claim-store.ts'
import { type ListNumbers, numbersOf } from './list-numbers.ts'
import { claimName, claimPrefix, ordinalOf } from './shared-files.ts'
import { keysInStore, textInStore } from './text-in-store.ts'

/** A stretch in which a playlist is this receiver's, from one number on. */
interface Term {
  /** Claims are counted: each is for the numbers from its first to the next one's. */
  readonly ordinal: number
  readonly first: number
}

/** The numbers of a term: all below the first one's are its own, too. */
export interface TermNumbers {
  readonly ordinal: number
  readonly from: number
  /** Undefined in the newest. */
  readonly end: number | undefined
}

/** What this receiver has of a playlist. */
interface Holding {
  /** Oldest first. */
  readonly terms: readonly Term[]
  /** The newest claim, which may be further than the newest term: whoever goes on writing claims what comes next. */
  readonly newest: Term
  /** Absent where nobody had the playlist before. */
  readonly floor?: Floor
  /** Another receiver has claimed what comes next. */
  readonly isOvertaken?: true
}

/** Whose a playlist in a shared store is to write: that of the receiver which claimed the newest block of its numbers. */
export class PlaylistClaims {
  readonly #host: Host
  readonly #journal: Journal
  readonly #store: ObjectStore
  readonly #claims: ClaimStore
  /** What is read and written of a playlist happens in turn, by its key. */
  readonly #turns = new Map<string, Promise<unknown>>()
  /** What was not answered in time. */
  readonly #asking = new Map<string, Promise<void>>()
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(host: Host, journal: Journal, store: ObjectStore, claims: ClaimStore) {
    this.#host = host
    this.#journal = journal
    this.#store = store
    this.#claims = claims
  }

  /** Where the numbers of a playlist go on that another receiver had before; undefined: nobody did. */
  floor(app: string, name: string): Floor | undefined {
    return this.#held(app, name)?.floor
  }

  /**
   * Claims a playlist that an encoder sends here: whoever had it before is taken over from. Waits at most CLAIM_WAIT_MS, and
   * never rejects; without a claim the playlist goes on as it is.
   */
  async claim(app: string, name: string): Promise<void> {
    const held = this.#held(app, name)
    if (held !== undefined && held.isOvertaken === undefined) return
    await this.#soon(app, name, () => this.#claimIfNeeded(app, name))
  }

  /** Looks whether another receiver has claimed what comes next; waits at most CLAIM_WAIT_MS, and never rejects. */
  async look(app: string, name: string): Promise<void> {
    const held = this.#held(app, name)
    if (held === undefined || held.isOvertaken !== undefined) return
    await this.#soon(app, name, () => this.#isNewest(app, name, undefined))
  }

  /** The stretches in which a playlist was this receiver's, oldest first. */
  terms(app: string, name: string): readonly TermNumbers[] {
    const terms = this.#held(app, name)?.terms ?? []
    const fromOf = (first: number, index: number) => (index === 0 ? 0 : first)
    return terms.map(({ ordinal, first }, index) => ({
      ordinal,
      from: fromOf(first, index),
      end: terms[index + 1]?.first,
    }))
  }

  /**
   * Whether the store's copy of a playlist, whose last entry has this number (undefined: it has none), is this receiver's to write: nobody claimed it
   * since, and its numbers are this receiver's. Throws StorageError.
   */
  async mayWrite(app: string, name: string, last: number | undefined): Promise<boolean> {
    if (this.#held(app, name) === undefined) await this.#claimIfNeeded(app, name)
    return this.#isNewest(app, name, last)
  }

  /** Waits for the store for a moment, once for each question; one that fails is not asked for a while. */
  async #soon(app: string, name: string, ask: () => Promise<unknown>): Promise<void> {
    const key = keys.holding(app, name)
    const isFailed = !hasPassed(this.#failedAt, CLAIM_RETRY_MS, this.#host.clock.now())
    if (isFailed || this.#asking.has(key)) return
    const asking = ask()
      .then(
        () => undefined,
        (cause: unknown) => {
          this.#failedAt = this.#host.clock.now()
          this.#host.log.warn('playlist not claimed', { app, name, cause })
        },
      )
      .finally(() => this.#asking.delete(key))
    this.#asking.set(key, asking)
    await atMost(this.#host.clock, CLAIM_WAIT_MS, asking)
  }

  /** Whether nobody has claimed what comes behind the numbers of this receiver, and the last one is of them. */
  #isNewest(app: string, name: string, last: number | undefined): Promise<boolean> {
    return this.#inTurn(app, name, async () => {
      const held = this.#held(app, name)
      if (held === undefined || held.isOvertaken !== undefined) return false
      // Its next version goes on from the floor.
      if (last !== undefined && last < (held.terms.at(-1)?.first ?? 0)) return false
      return this.#goesOn(app, name, held, last ?? 0)
    })
  }

  async #goesOn(app: string, name: string, held: Holding, last: number): Promise<boolean> {
    const { newest } = held
    const ordinal = newest.ordinal + 1
    const key = storeKey(app, claimName(name, ordinal))
    const isUsedUp = last >= newest.first + CLAIM_BLOCK_NUMBERS
    const block = Math.floor(last / CLAIM_BLOCK_NUMBERS) * CLAIM_BLOCK_NUMBERS
    const next = isUsedUp ? await this.#claims.claim(key, block) : await this.#claims.read(key)
    if (next === undefined) return true
    if (this.#claims.isOwn(next)) {
      const further = { ...held, newest: { ordinal, first: next.first } }
      await this.#journal.commit([jsonWrite(keys.holding(app, name), further)])
      return this.#goesOn(app, name, further, last)
    }
    this.#host.log.warn('playlist taken over by another receiver', { app, name, receiver: next.receiver })
    await this.#journal.commit([jsonWrite(keys.holding(app, name), { ...held, isOvertaken: true })])
    return false
  }

  /** Claims what comes behind the newest claim, unless that is this receiver's. */
  #claimIfNeeded(app: string, name: string): Promise<void> {
    return this.#inTurn(app, name, async () => {
      const held = this.#held(app, name)
      if (held === undefined || held.isOvertaken !== undefined) await this.#claimNext(app, name)
    })
  }

  #inTurn<T>(app: string, name: string, run: () => Promise<T>): Promise<T> {
    const key = keys.holding(app, name)
    const done = (this.#turns.get(key) ?? Promise.resolve()).then(run)
    const turn = done.then(ignore, ignore).then(() => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    })
    this.#turns.set(key, turn)
    return done
  }

  async #claimNext(app: string, name: string): Promise<void> {
    for (let tries = 0; tries < MAX_CLAIM_TRIES; tries++) {
      const before = await this.#newestClaim(app, name)
      const list = await textInStore(this.#store, storeKey(app, name), MAX_PLAYLIST_BYTES)
      const there = list === undefined ? undefined : numbersOf(list)
      const used = Math.max(before === undefined ? 0 : before.first + CLAIM_BLOCK_NUMBERS, there?.end ?? 0)
      const first = Math.ceil(used / CLAIM_BLOCK_NUMBERS) * CLAIM_BLOCK_NUMBERS
      const ordinal = before === undefined ? 0 : before.ordinal + 1
      const claim = await this.#claims.claim(storeKey(app, claimName(name, ordinal)), first)
      if (!this.#claims.isOwn(claim)) continue
      const isTakenOver = before !== undefined || there !== undefined
      await this.#hold(app, name, { ordinal, first: claim.first }, isTakenOver ? there : undefined, isTakenOver)
      return
    }
    throw new StorageError('unavailable', true)
  }

  async #hold(
    app: string,
    name: string,
    term: Term,
    there: ListNumbers | undefined,
    isTakenOver: boolean,
  ): Promise<void> {
    // There are no more discontinuities than entries.
    const floor = { number: term.first, discontinuities: term.first, targetDuration: there?.targetDuration ?? 0 }
    const terms = [...(this.#held(app, name)?.terms ?? []), term]
    const held: Holding = { terms, newest: term, ...(isTakenOver ? { floor } : {}) }
    await this.#journal.commit([jsonWrite(keys.holding(app, name), held)])
    if (isTakenOver) this.#host.log.warn('playlist taken over', { app, name, number: term.first })
  }

  async #newestClaim(app: string, name: string): Promise<(Claim & { readonly ordinal: number }) | undefined> {
    const prefix = storeKey(app, claimPrefix(name))
    let newest: string | undefined
    for await (const key of keysInStore(this.#store, prefix, MAX_LISTED_PAGES)) newest = key
    const claim = newest === undefined ? undefined : await this.#claims.read(newest)
    return newest === undefined || claim === undefined ? undefined : { ...claim, ordinal: ordinalOf(newest) }
  }

  #held(app: string, name: string): Holding | undefined {
    return readJson<Holding>(this.#journal, keys.holding(app, name))
  }
}

function ignore(): void {}
