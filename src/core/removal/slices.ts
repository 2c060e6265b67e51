import { REMOVAL_SLICE } from '../limits.ts'
import type { Clock } from '../ports.ts'

/** Resolves after `ms`. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

/** What there is many of, a slice at a time: others have their turn in between. */
export async function* slices<Item>(
  clock: Clock,
  items: Iterable<Item>,
  size = REMOVAL_SLICE,
): AsyncGenerator<readonly Item[]> {
  let slice: Item[] = []
  for (const item of items) {
    slice.push(item)
    if (slice.length < size) continue
    yield slice
    slice = []
    await pause(clock, 0)
  }
  if (slice.length > 0) yield slice
}
