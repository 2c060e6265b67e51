import type { MadeFile } from '../core/making/order.ts'

/** An order while workers may be at it. */
export class OrderOut {
  /** Resolves when the file of it was taken. */
  readonly result: Promise<MadeFile>
  readonly #progress: (percent: number) => void
  #resolve: (made: MadeFile) => void = () => {}
  #made: MadeFile | undefined
  /** When anything was heard of it last, and when by a worker, in ms of `performance.now()`. */
  #heardAt = performance.now()
  #workedAt = Number.NEGATIVE_INFINITY

  constructor(progress: (percent: number) => void) {
    this.#progress = progress
    this.result = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** A worker is at it. */
  goesOn(percent: number): void {
    this.heard()
    this.#workedAt = performance.now()
    this.#progress(percent)
  }

  /** The queue knows of it. */
  heard(): void {
    this.#heardAt = performance.now()
  }

  /** How long nothing was heard of it, in ms. */
  get silentMs(): number {
    return performance.now() - this.#heardAt
  }

  /** How long no worker said that it is at it, in ms. */
  get idleMs(): number {
    return performance.now() - this.#workedAt
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
