import { type ObjectStore, StorageError } from '../../../src/core/object-store.ts'
import type { Clock } from '../../../src/core/ports.ts'
import { policies } from '../../../src/core/restart-policy.ts'
import type { FakeClock } from '../../support/fake-clock.ts'
import type { Random } from '../../support/random.ts'
import { type SharedWorld, Trial } from '../../support/trial.ts'
import { NEVER_STALE } from '../world/surroundings.ts'

/** Longest time that the store takes for one request, in ms. */
const SLOWEST_MS = 300

/** The time of a process that may stand still: what is due meanwhile happens when it goes on. */
class SideClock implements Clock {
  isStill = false
  readonly #clock: FakeClock
  #due: (() => void)[] = []

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  after(ms: number, run: () => void): () => void {
    let isCancelled = false
    const cancel = this.#clock.after(ms, () => {
      const runIfWanted = () => {
        if (!isCancelled) run()
      }
      if (this.isStill) this.#due.push(runIfWanted)
      else runIfWanted()
    })
    return () => {
      isCancelled = true
      cancel()
    }
  }

  goOn(): void {
    this.isStill = false
    for (const run of this.#due.splice(0)) run()
  }
}

/** One of several receivers that share a store, and its own way to it. */
export class Side {
  readonly trial: Trial
  isCutOff = false
  readonly #clock: SideClock

  constructor(world: Omit<SharedWorld, 'ownClock'>, random: Random) {
    this.#clock = new SideClock(world.clock)
    const store = this.#wayTo(world.store, random)
    this.trial = new Trial(NEVER_STALE, policies([]), { ...world, ownClock: this.#clock, store })
  }

  get isStill(): boolean {
    return this.#clock.isStill
  }

  standStill(): void {
    this.#clock.isStill = true
  }

  goOn(): void {
    this.#clock.goOn()
  }

  #wayTo(store: ObjectStore, random: Random): ObjectStore {
    const later = async <T>(run: () => Promise<T>): Promise<T> => {
      if (this.isCutOff) throw new StorageError('unavailable', true)
      await new Promise<void>((resolve) => void this.#clock.after(random.whole(0, SLOWEST_MS), resolve))
      if (this.isCutOff) throw new StorageError('unavailable', true)
      return run()
    }
    return {
      capabilities: store.capabilities,
      put: (key, body, options) => later(() => store.put(key, body, options)),
      get: (key, options) => later(() => store.get(key, options)),
      head: (key, options) => later(() => store.head(key, options)),
      delete: (keys) => later(() => store.delete(keys)),
      list: (prefix, cursor) => later(() => store.list(prefix, cursor)),
      flush: () => store.flush(),
      close: async () => undefined,
    }
  }
}
