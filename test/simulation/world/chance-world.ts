import type { Clock, Host } from '../../../src/core/ports.ts'
import type { Random } from '../../support/random.ts'
import { type Surroundings, simulatedHost } from './surroundings.ts'

/** How often, of all steps, a timer runs although something else could. */
const TIMER_CHANCE = 0.05
const BEGINNING = Date.UTC(2026, 10, 22)

interface Turn {
  /** The first step it may have. */
  readonly from: number
  readonly run: () => void
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/**
 * Everything outside the core: what the network, the disk and the clock do next is picked by chance, one step at a time.
 * The same seed makes the same history.
 */
export class ChanceWorld implements Surroundings {
  readonly random: Random
  readonly clock: Clock
  readonly #life: number
  #now: number
  #order = 0
  #pending: Turn[] = []
  #timers: Timer[] = []
  #steps: number

  constructor(random: Random, before?: ChanceWorld) {
    this.random = random
    this.#life = before === undefined ? 0 : before.#life + 1
    this.#steps = before?.steps ?? 0
    this.#now = before === undefined ? BEGINNING : before.#now + random.whole(1, 60_000)
    this.clock = { now: () => this.#now, after: (ms, run) => this.#after(ms, run) }
  }

  /** How many steps were made, in this and all earlier lives. */
  get steps(): number {
    return this.#steps
  }

  /** Resolves when chance gives it its turn; `slowest` steps may go by before it can have one. */
  turn(slowest = 0): Promise<void> {
    const from = this.#steps + this.random.whole(0, slowest)
    return new Promise((run) => this.#pending.push({ from, run }))
  }

  /** Makes one step, and lets everything that follows from it happen. */
  async step(): Promise<void> {
    this.#steps++
    const ready = this.#pending.filter(({ from }) => from <= this.#steps)
    if (ready.length === 0 || (this.#timers.length > 0 && this.random.next() < TIMER_CHANCE)) this.#runTimer()
    else {
      const turn = this.random.pick(ready)
      this.#pending = this.#pending.filter((other) => other !== turn)
      turn.run()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Fails now and then, as a disk that is full or a store that is down. */
  mayFail(chance: number, error: () => Error): void {
    if (this.random.next() < chance) throw error()
  }

  /** Steps until a promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    await new Promise((resolve) => setImmediate(resolve))
    while (!isSettled) await this.step()
    return promise
  }

  /** Steps until `ms` have gone by in which nothing but timers was left. */
  async settle(ms: number): Promise<void> {
    let end = this.#now + ms
    while (this.#pending.length > 0 || (this.#timers.length > 0 && this.#now < end)) {
      if (this.#pending.length > 0) end = this.#now + ms
      await this.step()
    }
  }

  /** The world after the power failed: nothing that was going on in this one is ever finished. */
  nextLife(): ChanceWorld {
    return new ChanceWorld(this.random, this)
  }

  /** What the core needs of its host. */
  host(): Host {
    return simulatedHost(this.clock, this.#life)
  }

  #after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + ms, order: ++this.#order, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  #runTimer(): void {
    const [next] = this.#timers.toSorted((one, other) => one.at - other.at || one.order - other.order)
    if (next === undefined) return
    this.#timers = this.#timers.filter((timer) => timer !== next)
    this.#now = Math.max(this.#now, next.at)
    next.run()
  }
}
