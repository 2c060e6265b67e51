import { STORE_DOWN_FAILURES, STORE_PROBE_MS, STORE_RETRY_MAX_MS, STORE_RETRY_MIN_MS } from '../limits.ts'
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
  #cancelProbe: (() => void) | undefined
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
    return !this.isDown || !(this.#isPausing || this.#cancelProbe !== undefined)
  }

  /** From now on no pause is longer than the first: little time is left. */
  hurry(): void {
    this.#isHurried = true
    this.#wake()
  }

  /** An attempt began. One that a store which is down leaves hanging must not keep the next from finding out. */
  began(): void {
    if (!this.isDown) return
    this.#endProbe()
    this.#cancelProbe = this.#host.clock.after(STORE_PROBE_MS, () => {
      this.#endProbe()
      this.#onWake()
    })
  }

  /** An attempt ended that told nothing. */
  ended(): void {
    this.#endProbe()
  }

  succeeded(): void {
    const wasDown = this.isDown
    if (wasDown) this.#host.log.info('store is back', { failures: this.#failures })
    this.#failures = 0
    this.#pauses = 0
    this.#endProbe()
    if (wasDown) this.#wake()
  }

  failed(): void {
    this.#failures++
    this.#endProbe()
    if (this.#failures === STORE_DOWN_FAILURES) this.#host.log.error('store is down')
    // Others that were under way when it went down say nothing new.
    if (!this.isDown || this.#isPausing) return
    this.#isPausing = true
    this.#host.clock.after(this.pauseAfter(this.#pauses++), () => this.#wake())
  }

  /** How long to wait after so many tries, in ms, at most `most`. */
  pauseAfter(tries: number, most: number = STORE_RETRY_MAX_MS): number {
    const ms = this.#isHurried ? STORE_RETRY_MIN_MS : Math.min(STORE_RETRY_MIN_MS * 2 ** tries, most)
    return ms / 2 + (this.#host.random() * ms) / 2
  }

  #endProbe(): void {
    this.#cancelProbe?.()
    this.#cancelProbe = undefined
  }

  #wake(): void {
    this.#isPausing = false
    this.#onWake()
  }
}
