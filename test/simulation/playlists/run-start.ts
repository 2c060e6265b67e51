import type { WrittenEntry } from './encoder-text.ts'

/** How an encoder starts. */
export interface RunStart {
  /** Counts the times that it began to number anew. */
  readonly run: number
  /** Tells its bodies from those of all other lives. */
  readonly label: string
  /** What it goes on from; empty when it starts over. */
  readonly entries: readonly WrittenEntry[]
  readonly firstNumber: number
  /** What its names by the clock are higher by than its numbers. */
  readonly clock: number
  readonly isDiscontinuity: boolean
  readonly segments: number
}
