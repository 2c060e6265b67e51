import { expect, test } from 'vitest'
import type { Sharing } from '../../../src/core/sharing/sharing.ts'
import { runShared } from './run.ts'

const HISTORIES = 60
/** Histories within which a planted bug must show. */
const PATIENCE = 20

test('P2, P3, P4, P5: hold in histories of a stream that moves between receivers which share a store', async () => {
  const broken: Record<string, readonly string[]> = {}
  let acknowledged = 0
  let moves = 0
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const outcome = await runShared(seed)
    acknowledged += outcome.acknowledged
    moves += outcome.moves
    if (outcome.violations.length > 0) broken[`SEED=${seed}`] = outcome.violations
  }
  expect(broken).toEqual({})
  expect(acknowledged).toBeGreaterThan(30 * HISTORIES)
  expect(moves).toBeGreaterThan(3 * HISTORIES)
})

const BUGS: readonly [string, RegExp, (sharing: Sharing) => Sharing][] = [
  ['nobody goes on from a floor', /^P[45]: /, (sharing) => ({ ...sharing, floor: () => undefined })],
  ['everybody writes the list', /^P4: /, (sharing) => ({ ...sharing, mayWrite: async () => true })],
  ['nobody shares what was recorded', /^P5: .*lacks/, (sharing) => ({ ...sharing, terms: () => [] })],
]

test.each(BUGS)('the histories show a planted bug: %s', async (_what, shows, change) => {
  const seeds = Array.from({ length: PATIENCE }, (_, index) => index + 1)
  const outcomes = await Promise.all(seeds.map((seed) => runShared(seed, change)))
  expect(outcomes.flatMap(({ violations }) => violations).some((violation) => shows.test(violation))).toBe(true)
})
