import pLimit from 'p-limit'

/** What runs at once; the rest waits for its turn. */
export interface Turns {
  <T>(run: () => Promise<T>): Promise<T>
  /** How many wait. */
  readonly pendingCount: number
}

/** Runs no more than `most` at once, in the order in which they come. */
export function atOnce(most: number): Turns {
  return pLimit(most)
}
