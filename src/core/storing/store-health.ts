import { STORE_DOWN_FAILURES, STORE_RETRY_MAX_MS, STORE_RETRY_MIN_MS } from '../limits.ts'
import type { Host } from '../ports.ts'

/**
 * Whether a store answers. One that failed STORE_DOWN_FAILURES times in a row is down: then one attempt at a time finds out
 * when it is back, with a pause before each that grows, and that chance makes a little different everywhere.
 */
export class StoreHealth {
  readonly #host: Host
  readonly #onWake: () => void
  #failures = 0
  #pauses = 0
  #isPausing = false
  #isProbing = false
  #isHurried = false

  /** `onWake` is called when a pause is over. */
  constructor(host: Host, onWake: () => void) {
    this.#host = host
    this.#onWake = onWake
  }

  get isDown(): boolean {
    return this.#failures >= STORE_DOWN_FAILURES
  }

  /** Whether an attempt may begin now. */
  get mayTry(): boolean {
    return !this.isDown || !(this.#isPausing || this.#isProbing)
  }

  /** From now on no pause is longer than the first: little time is left. */
  hurry(): void {
    this.#isHurried = true
    this.#wake()
  }

  began(): void {
    if (this.isDown) this.#isProbing = true
  }

  /** An attempt ended that told nothing. */
  ended(): void {
    this.#isProbing = false
  }

  succeeded(): void {
    const wasDown = this.isDown
    if (wasDown) this.#host.log.info('store is back', { failures: this.#failures })
    this.#failures = 0
    this.#pauses = 0
    this.#isProbing = false
    if (wasDown) this.#wake()
  }

  failed(): void {
    this.#failures++
    this.#isProbing = false
    if (this.#failures === STORE_DOWN_FAILURES) this.#host.log.error('store is down')
    // Others that were under way when it went down say nothing new.
    if (!this.isDown || this.#isPausing) return
    this.#isPausing = true
    this.#host.clock.after(this.pauseAfter(this.#pauses++), () => this.#wake())
  }

  /** How long to wait after so many tries, in ms. */
  pauseAfter(tries: number): number {
    const ms = this.#isHurried ? STORE_RETRY_MIN_MS : Math.min(STORE_RETRY_MIN_MS * 2 ** tries, STORE_RETRY_MAX_MS)
    return ms / 2 + (this.#host.random() * ms) / 2
  }

  #wake(): void {
    this.#isPausing = false
    this.#onWake()
  }
}
