import { expect } from 'vitest'
import { SEAL_AT_ENTRIES } from '../../src/core/limits.ts'
import { mediaList, names, type Trial } from './trial.ts'

/** The playlist that grows. */
export const LIST = 'a.m3u8'
/** How many segments there are. */
export const ENTRIES = 600
/** Entries enough that most of the list is sealed. */
export const LONG = 4 * SEAL_AT_ENTRIES
/** The names of all segments. */
export const all = names('a', ENTRIES)

/** Lets a list grow entry by entry to `count`, each with its segment before it. */
export async function grow(
  trial: Trial,
  from: number,
  count: number,
  listOf = (shown: readonly string[]) => mediaList(0, shown),
) {
  for (let length = from + 1; length <= count; length++) {
    await trial.segments(all.slice(length - 1, length))
    await trial.put(LIST, listOf(all.slice(0, length)))
  }
}

/** The encoder gets this text back, and players get it, too. */
export async function expectBoth(trial: Trial, text: string): Promise<void> {
  expect(await trial.readBack(LIST)).toBe(text)
  expect(await trial.served(LIST)).toBe(text.replaceAll('\r\n', '\n'))
}
