import { describe, expect, test } from 'vitest'
import { seedOfRun } from '../../support/random.ts'
import { answersBeforeTheFlush, finishesBeforeTheSync, forgetsToFlush } from './bugs.ts'
import { type Outcome, type Plant, runHistory } from './run.ts'

const HISTORIES = 200
const MIN_ACKNOWLEDGED = 5_000
/** Histories within which a planted bug must show. */
const PATIENCE = 50
const LOST = /^P1: .+ was acknowledged and is not served$/

test('P1: every acknowledged upload survives a crash', async () => {
  const first = seedOfRun()
  const count = process.env['SEED'] === undefined ? HISTORIES : 1
  const broken: Record<string, readonly string[]> = {}
  let acknowledged = 0
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await runHistory(seed)
    acknowledged += outcome.acknowledged
    if (outcome.violations.length > 0) broken[`SEED=${seed}`] = outcome.violations
  }
  expect(broken).toEqual({})
  if (count === HISTORIES) expect(acknowledged).toBeGreaterThan(MIN_ACKNOWLEDGED)
})

/** Histories that once lost something. */
test.each([1500009552, 1350765840])('P1: every acknowledged upload survives the crash of SEED=%i', async (seed) => {
  expect((await runHistory(seed)).violations).toEqual([])
})

test('the same seed makes the same history', async () => {
  const outcomes: Outcome[] = []
  for (let round = 0; round < 2; round++) outcomes.push(await runHistory(7, answersBeforeTheFlush))
  expect(outcomes[0]).toEqual(outcomes[1])
  expect(outcomes[0]?.violations).not.toEqual([])
})

describe('the checker finds a planted bug', () => {
  test.each<[string, Plant]>([
    ['an answer before the flush of the journal', answersBeforeTheFlush],
    ['an answer before the sync of a body file', finishesBeforeTheSync],
    ['bodies removed before the names in the store are durable', forgetsToFlush],
  ])('%s', async (_what, plant) => {
    const found: string[] = []
    for (let seed = 0; seed < PATIENCE && !found.some((violation) => LOST.test(violation)); seed++) {
      found.push(...(await runHistory(seed, plant)).violations)
    }
    expect(found).toContainEqual(expect.stringMatching(LOST))
  })
})
