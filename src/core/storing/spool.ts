import { hasPassed } from '../elapsed.ts'
import { MAX_STORE_QUEUE, SPOOL_WARNING_PART } from '../limits.ts'
import type { Host } from '../ports.ts'

/** How much may wait for the store. */
export interface SpoolLimits {
  readonly maxBytes: number
  /** How old the oldest may be, in ms. */
  readonly maxAgeMs: number
}

/** What waits for the store. */
export interface SpoolState {
  readonly objects: number
  readonly bytes: number
  /** Age of the oldest, in ms; 0 when nothing waits. */
  readonly ageMs: number
}

interface Item {
  readonly bytes: number
  /** Undefined: it may wait for as long as it likes. */
  readonly acceptedAt: number | undefined
}

/** What was accepted and is not in the store yet: counted, so that it stays bounded. */
export class Spool {
  readonly #host: Host
  readonly #limits: SpoolLimits
  /** Bytes by store key. */
  readonly #items = new Map<string, number>()
  /** When what ages was accepted, by store key, in the order in which it came. */
  readonly #aging = new Map<string, number>()
  #bytes = 0
  #isWarned = false

  constructor(host: Host, limits: SpoolLimits) {
    this.#host = host
    this.#limits = limits
  }

  get state(): SpoolState {
    const [oldest] = this.#aging.values()
    const ageMs = oldest === undefined ? 0 : Math.max(0, this.#host.clock.now() - oldest)
    return { objects: this.#items.size, bytes: this.#bytes, ageMs }
  }

  /** Whether `bytes` more may be accepted. */
  hasRoomFor(bytes: number): boolean {
    return this.#items.size < MAX_STORE_QUEUE && this.#bytes + bytes <= this.#limits.maxBytes && !this.#isTooOld()
  }

  add(key: string, { bytes, acceptedAt }: Item): void {
    this.delete(key)
    this.#items.set(key, bytes)
    if (acceptedAt !== undefined) this.#aging.set(key, acceptedAt)
    this.#bytes += bytes
    this.#warn()
  }

  /** What the store refuses for what it is must not be the reason why nothing else is accepted. */
  setAside(key: string): void {
    this.#aging.delete(key)
  }

  delete(key: string): void {
    this.#bytes -= this.#items.get(key) ?? 0
    this.#items.delete(key)
    this.#aging.delete(key)
    if (this.#part() < SPOOL_WARNING_PART) this.#isWarned = false
  }

  #isTooOld(): boolean {
    const [oldest] = this.#aging.values()
    return oldest !== undefined && hasPassed(oldest, this.#limits.maxAgeMs, this.#host.clock.now())
  }

  /** How full it is, from 0 to 1. */
  #part(): number {
    const { objects, bytes, ageMs } = this.state
    const { maxBytes, maxAgeMs } = this.#limits
    return Math.max(objects / MAX_STORE_QUEUE, bytes / maxBytes, ageMs / maxAgeMs)
  }

  #warn(): void {
    if (this.#isWarned || this.#part() < SPOOL_WARNING_PART) return
    this.#isWarned = true
    this.#host.log.warn('spool is nearly full', { ...this.state, ...this.#limits })
  }
}
