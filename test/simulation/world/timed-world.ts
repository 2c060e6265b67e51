import type { Clock } from '../../../src/core/ports.ts'
import type { Random } from '../../support/random.ts'
import type { Surroundings } from './surroundings.ts'

const BEGINNING = Date.UTC(2026, 10, 22)
/** What anything outside the core takes when it is quick, in ms. */
const QUICK_MS = 3

interface Happening {
  readonly at: number
  /** Chance decides between what happens in the same millisecond. */
  readonly tie: number
  readonly run: () => void
}

/**
 * A world whose network, disk and store take a virtual time that chance picks: whatever comes first happens first, and the
 * clock stands still in between. The same seed makes the same history.
 */
export class TimedWorld implements Surroundings {
  readonly random: Random
  readonly clock: Clock
  readonly #isFaulty: boolean
  #now: number
  #happenings: Happening[] = []
  #lastFailure = Number.NEGATIVE_INFINITY

  /** `now` is where the life before ended, in ms since the epoch; nothing fails in a world that is not faulty. */
  constructor(random: Random, isFaulty: boolean, now = BEGINNING) {
    this.random = random
    this.#isFaulty = isFaulty
    this.#now = now
    this.clock = { now: () => this.#now, after: (ms, run) => this.#after(ms, run) }
  }

  /** When something of the journal or the disk failed last, in ms since the epoch. */
  get lastFailure(): number {
    return this.#lastFailure
  }

  /** When the next thing happens; Infinity when nothing will. */
  get nextAt(): number {
    return this.#next()?.at ?? Number.POSITIVE_INFINITY
  }

  turn(slowest = 0): Promise<void> {
    return new Promise((resolve) => void this.#after(this.random.whole(0, QUICK_MS + slowest), resolve))
  }

  mayFail(chance: number, error: () => Error): void {
    if (!this.#isFaulty || this.random.next() >= chance) return
    this.#lastFailure = this.#now
    throw error()
  }

  /** Sets the clock forward to a time at or before `nextAt`. */
  forward(to: number): void {
    this.#now = Math.max(this.#now, to)
  }

  /** Lets the next thing happen, and everything that follows from it. */
  async step(): Promise<void> {
    const next = this.#next()
    if (next === undefined) return
    this.#happenings = this.#happenings.filter((other) => other !== next)
    this.forward(next.at)
    next.run()
    await settled()
  }

  #after(ms: number, run: () => void): () => void {
    const happening: Happening = { at: this.#now + Math.max(0, ms), tie: this.random.next(), run }
    this.#happenings.push(happening)
    return () => {
      this.#happenings = this.#happenings.filter((other) => other !== happening)
    }
  }

  #next(): Happening | undefined {
    let next: Happening | undefined
    for (const other of this.#happenings) {
      if (next === undefined || other.at < next.at || (other.at === next.at && other.tie < next.tie)) next = other
    }
    return next
  }
}

/** Resolves when everything that can go on without the world has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
