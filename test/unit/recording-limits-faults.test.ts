import { expect, test } from 'vitest'
import { Interruptions } from '../support/interruptions.ts'
import { storedNames } from '../support/kept.ts'
import { limited } from '../support/limited.ts'
import { LivePush } from '../support/live-push.ts'
import type { Trial } from '../support/trial.ts'

const MINUTE_MS = 60_000
const LIST = 'a.m3u8'

/** A recording over two runs, of which all of the first and some of the second are about to go. */
async function aboutToGo(): Promise<{ trial: Trial; push: LivePush }> {
  const trial = await limited({ ms: () => MINUTE_MS })
  const push = new LivePush(trial)
  await push.send(0, 4)
  await push.send(0, 32, { mark: ' of the second run' })
  return { trial, push }
}

async function countChanges(): Promise<number> {
  const { trial } = await aboutToGo()
  const interruptions = new Interruptions(trial)
  await trial.clock.advance(MINUTE_MS)
  return interruptions.changes
}

/** The recording goes on, and ends up without what is old, here and in the store. */
async function goesOn(trial: Trial, push: LivePush, when: string): Promise<void> {
  await push.send(32, 40, { mark: ' of the second run' })
  await push.watch(2 * MINUTE_MS)
  expect(push.wrong, when).toEqual([])
  const recorded = await trial.recorded(LIST)
  expect(recorded.length, when).toBeGreaterThanOrEqual(3)
  expect(recorded.at(-1), when).toBe('a39.ts of the second run')
  const journal = [...trial.journal.entries('')].map(([key]) => key)
  const objects = journal.filter((key) => key.startsWith('s/'))
  expect(objects, when).toHaveLength(recorded.length)
  expect(
    (await storedNames(trial)).filter((name) => name.endsWith('.ts')),
    when,
  ).toHaveLength(recorded.length)
  expect(
    journal.filter((key) => /^[RF]/.test(key)),
    when,
  ).toEqual([])
}

const CHANGES = await countChanges()

test.each(['before', 'after'] as const)(
  'P2: a receiver that is killed %s any change while old entries go names none that is gone, and goes on',
  async (how) => {
    expect(CHANGES).toBeGreaterThan(8)
    for (let at = 1; at <= CHANGES; at++) {
      const { trial, push } = await aboutToGo()
      const interruptions = new Interruptions(trial)
      interruptions.interrupt(at, how)
      await trial.clock.advance(MINUTE_MS)
      interruptions.end()
      await trial.restart()
      await goesOn(trial, push, `killed ${how} change ${at} of ${CHANGES}`)
    }
  },
)

test('P2: what fails at any change while old entries go is tried again', async () => {
  for (let at = 1; at <= CHANGES; at++) {
    const { trial, push } = await aboutToGo()
    const interruptions = new Interruptions(trial)
    interruptions.interrupt(at, 'fails')
    await trial.clock.advance(MINUTE_MS)
    interruptions.end()
    await goesOn(trial, push, `failed at change ${at} of ${CHANGES}`)
  }
})
