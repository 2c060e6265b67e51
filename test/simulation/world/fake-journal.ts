import { ReceiverError } from '../../../src/core/errors.ts'
import type { Journal, JournalWrite } from '../../../src/core/ports.ts'
import type { Surroundings } from './surroundings.ts'

/** How long a sync of the journal may take: steps, or ms. */
const SLOWEST_SYNC = 8
/** How often a group of batches is refused as a whole, of all. */
const FAILURE_CHANCE = 0.005

type Entries = Map<string, Uint8Array>

interface Batch {
  readonly writes: readonly JournalWrite[]
  readonly answer: () => void
  readonly refuse: (error: unknown) => void
}

/**
 * A journal that keeps apart what is written and what is synced. Batches that wait are written together, which makes
 * them visible; then they are synced together, and only then answered. Now and then a group is refused.
 */
export class FakeJournal implements Journal {
  readonly #world: Surroundings
  readonly #visible: Entries
  /** What survives the loss of power. */
  readonly #synced: Entries
  #waiting: Batch[] = []
  /** Visible, but not synced. */
  #written: readonly Batch[] = []
  #isRunning = false

  constructor(world: Surroundings, entries: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#world = world
    this.#visible = new Map(entries)
    this.#synced = new Map(entries)
  }

  get(key: string): Uint8Array | undefined {
    return this.#visible.get(key)
  }

  *entries(prefix: string): Iterable<readonly [string, Uint8Array]> {
    const found: [string, Uint8Array][] = []
    for (const entry of this.#visible) if (entry[0].startsWith(prefix)) found.push(entry)
    yield* found.sort(([one], [other]) => (one < other ? -1 : 1))
  }

  commit(writes: readonly JournalWrite[]): Promise<void> {
    const copied = writes.map(({ key, value }) => ({ key, value: value === null ? null : value.slice() }))
    return new Promise((answer, refuse) => {
      this.#waiting.push({ writes: copied, answer, refuse })
      if (!this.#isRunning) void this.#run()
    })
  }

  /** What is found after the power came back: all that was synced, and of the rest an unbroken beginning by chance. */
  afterPowerLoss(world: Surroundings): FakeJournal {
    const kept = new Map(this.#synced)
    const lucky = world.random.whole(0, this.#written.length)
    for (const batch of this.#written.slice(0, lucky)) apply(kept, batch)
    return new FakeJournal(world, kept)
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      await this.#world.turn()
      const together = this.#waiting.splice(0, this.#world.random.whole(1, this.#waiting.length))
      try {
        this.#world.mayFail(FAILURE_CHANCE, () => new ReceiverError('storage-unavailable'))
      } catch (error) {
        for (const batch of together) batch.refuse(error)
        continue
      }
      this.#written = together
      for (const batch of together) apply(this.#visible, batch)
      await this.#world.turn(SLOWEST_SYNC)
      this.#written = []
      for (const batch of together) apply(this.#synced, batch)
      for (const batch of together) batch.answer()
    }
    this.#isRunning = false
  }
}

function apply(entries: Entries, { writes }: Batch): void {
  for (const { key, value } of writes) {
    if (value === null) entries.delete(key)
    else entries.set(key, value)
  }
}
