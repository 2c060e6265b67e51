import { ReceiverError } from '../../src/core/errors.ts'
import type { Journal, JournalWrite } from '../../src/core/ports.ts'
import type { World } from './world.ts'

/** Steps that may go by before a sync of the journal is done. */
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
  readonly #world: World
  readonly #visible: Entries
  /** What survives the loss of power. */
  readonly #synced: Entries
  #waiting: Batch[] = []
  /** Visible, but not synced. */
  #written: readonly Batch[] = []
  #isRunning = false
  #refused: number

  constructor(world: World, entries: ReadonlyMap<string, Uint8Array> = new Map(), refused = 0) {
    this.#world = world
    this.#refused = refused
    this.#visible = new Map(entries)
    this.#synced = new Map(entries)
  }

  get(key: string): Uint8Array | undefined {
    return this.#visible.get(key)
  }

  *entries(prefix: string): Iterable<readonly [string, Uint8Array]> {
    const found = [...this.#visible].filter(([key]) => key.startsWith(prefix))
    yield* found.sort(([one], [other]) => (one < other ? -1 : 1))
  }

  commit(writes: readonly JournalWrite[]): Promise<void> {
    const copied = writes.map(({ key, value }) => ({ key, value: value === null ? null : value.slice() }))
    return new Promise((answer, refuse) => {
      this.#waiting.push({ writes: copied, answer, refuse })
      if (!this.#isRunning) void this.#run()
    })
  }

  /** How many batches were refused, in this and all earlier lives. */
  get refused(): number {
    return this.#refused
  }

  /** What is found after the power came back: all that was synced, and of the rest an unbroken beginning by chance. */
  afterPowerLoss(world: World): FakeJournal {
    const kept = new Map(this.#synced)
    const lucky = world.random.whole(0, this.#written.length)
    for (const batch of this.#written.slice(0, lucky)) apply(kept, batch)
    return new FakeJournal(world, kept, this.#refused)
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      await this.#world.turn()
      const together = this.#waiting.splice(0, this.#world.random.whole(1, this.#waiting.length))
      if (this.#world.random.next() < FAILURE_CHANCE) {
        this.#refused += together.length
        for (const batch of together) batch.refuse(new ReceiverError('storage-unavailable'))
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
