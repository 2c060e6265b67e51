import type { Clock } from '../../src/core/ports.ts'

const BEGINNING = Date.UTC(2026, 10, 22)

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Time that stands still until it is set forward; timers run on the way. */
export class FakeClock implements Clock {
  #now = BEGINNING
  #timers: Timer[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Sets the clock forward by `ms`, and lets everything happen that is due until then. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const due = next
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
      await settled()
    }
    this.#now = end
  }

  /** Timers that were set and not cancelled are forgotten, as when the process ends. */
  forget(): void {
    this.#timers = []
  }

  #next(end: number): Timer | undefined {
    return this.#timers.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0]
  }
}

/** Resolves when all that can go on without time going by has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
