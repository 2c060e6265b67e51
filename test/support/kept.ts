import type { Trial } from './trial.ts'

const PREFIX = 'live/streams/'
/** Long enough for all that was stored to be crossed off, in ms. */
const SETTLED_MS = 300_000

/** Keys that only tell which names are not to be given again. */
const NEVER_AGAIN = /^[Hy]\//

/** What a receiver keeps: keys of its journal, names in its store, ids of its bodies. */
export interface Kept {
  readonly journal: readonly string[]
  readonly store: readonly string[]
  readonly bodies: readonly string[]
}

/** What a receiver keeps when nothing is under way. */
export async function kept(trial: Trial): Promise<Kept> {
  await trial.clock.advance(SETTLED_MS)
  return {
    journal: [...trial.journal.entries('')].map(([key]) => key).filter((key) => !NEVER_AGAIN.test(key)),
    store: await storedNames(trial),
    bodies: await trial.files.list(),
  }
}

/** The names in the store of a receiver. */
export async function storedNames(trial: Trial): Promise<string[]> {
  const { keys } = await trial.store.list(PREFIX)
  return keys.map((key) => key.slice(PREFIX.length))
}
