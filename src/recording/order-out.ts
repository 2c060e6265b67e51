import { hasPassed } from '../core/elapsed.ts'
import type { MadeFile } from '../core/making/order.ts'
import type { Clock } from '../core/ports.ts'

/** An order while workers may be at it. */
export class OrderOut {
  /** Resolves when the file of it was taken. */
  readonly result: Promise<MadeFile>
  readonly #clock: Clock
  readonly #progress: (percent: number) => void
  #resolve: (made: MadeFile) => void = () => {}
  #made: MadeFile | undefined
  /** When anything was heard of it last, and when by a worker. */
  #heardAt: number
  #workedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, progress: (percent: number) => void) {
    this.#clock = clock
    this.#progress = progress
    this.#heardAt = clock.now()
    this.result = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** A worker is at it. */
  goesOn(percent: number): void {
    this.heard()
    this.#workedAt = this.#clock.now()
    this.#progress(percent)
  }

  /** The queue knows of it. */
  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  /** Whether nothing was heard of it for so long, in ms. */
  isSilentFor(ms: number): boolean {
    return hasPassed(this.#heardAt, ms, this.#clock.now())
  }

  /** Whether no worker said for so long that it is at it, in ms. */
  isIdleFor(ms: number): boolean {
    return hasPassed(this.#workedAt, ms, this.#clock.now())
  }

  take(made: MadeFile): void {
    this.#made = made
    this.#resolve(made)
  }

  /** Removes the file where one was taken that nobody wants any more. */
  async drop(): Promise<void> {
    await this.#made?.remove()
  }
}
