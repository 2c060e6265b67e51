import { describe, expect, test } from 'vitest'
import * as limits from '../../../src/core/limits.ts'
import { HAPPENINGS, type Happening, removalHabitsOf } from './happenings.ts'
import { SUSPECT_WAIT_MS } from './reference-model.ts'
import { runPlaylists } from './run.ts'

const HISTORIES = 150
/** Those of one test: all of them would take longer than a test may where the machine is busy. */
const TOGETHER = 15
const MIN_SEEN = 2_000
const MIN_CRASHES = 100
/** Of all histories, those in which each thing happens, at least. */
const MIN_PART = 0.1

describe('P2 to P5, P7, P9: hold in histories of encoders, late uploads, restarts, deletes and power losses', () => {
  let seen = 0
  let crashes = 0
  const happened = new Map<Happening, number>()
  const firstSeeds = Array.from({ length: HISTORIES / TOGETHER }, (_, index) => index * TOGETHER + 1)

  test.each(firstSeeds)('from SEED=%i on', async (first) => {
    const broken: Record<string, readonly string[]> = {}
    for (let seed = first; seed < first + TOGETHER; seed++) {
      const outcome = await runPlaylists(seed)
      seen += outcome.seen
      crashes += outcome.crashes
      for (const what of outcome.happened) happened.set(what, (happened.get(what) ?? 0) + 1)
      if (outcome.violations.length > 0) broken[`SEED=${seed}`] = outcome.violations
    }
    expect(broken).toEqual({})
  })

  test('and enough was seen to tell', () => {
    expect(seen).toBeGreaterThan(MIN_SEEN)
    expect(crashes).toBeGreaterThan(MIN_CRASHES)
    for (const what of HAPPENINGS)
      expect([what, (happened.get(what) ?? 0) >= MIN_PART * HISTORIES]).toEqual([what, true])
  })
})

/** Histories that once broke a promise. */
test.each([42, 74, 560, 592, 628, 909, 1849, 1851, 1943, 2086, 2281, 3578, 3910, 5079, 6385, 7741, 9039])(
  'the promises hold in the history of SEED=%i',
  async (seed) => {
    const habits = { deletes: 'none', isEndedRemoved: false } as const
    expect((await runPlaylists(seed, undefined, habits)).violations).toEqual([])
  },
)

/** The same of those whose streams go after their end. */
test.each([12, 23, 40, 55, 66, 318, 325, 356, 518, 706, 1115, 1417, 1432, 1620, 1903, 1984, 2183])(
  'the promises hold in the history of SEED=%i, whose streams go',
  async (seed) => {
    const habits = { ...removalHabitsOf(seed), isEndedRemoved: true }
    expect((await runPlaylists(seed, undefined, habits)).violations).toEqual([])
  },
)

test('the same seed makes the same history', async () => {
  expect(await runPlaylists(7)).toEqual(await runPlaylists(7))
})

test('the model, which imports nothing of the receiver, means the same limit', () => {
  expect(SUSPECT_WAIT_MS).toBe(limits.SUSPECT_WAIT_MS)
})
