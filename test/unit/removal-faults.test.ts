import { expect, test } from 'vitest'
import { amongOthers, broadcast, DELAY_MS, GONE_MS } from '../support/going-stream.ts'
import { Interruptions } from '../support/interruptions.ts'
import { type Kept, kept } from '../support/kept.ts'
import type { Trial } from '../support/trial.ts'

/** A stream that is about to be removed, and what is kept without it. */
async function aboutToGo(): Promise<{ trial: Trial; before: Kept }> {
  const trial = await amongOthers()
  const before = await kept(trial)
  await broadcast(trial, { count: 2, mark: ' of run 1', hasEnd: false })
  await broadcast(trial, { count: 3 })
  await trial.clock.advance(DELAY_MS - 1_000)
  return { trial, before }
}

async function countChanges(): Promise<number> {
  const { trial } = await aboutToGo()
  const interruptions = new Interruptions(trial)
  await trial.clock.advance(GONE_MS)
  return interruptions.changes
}

const CHANGES = await countChanges()

test.each(['before', 'after'] as const)(
  'a receiver that is killed %s any change goes on at its next start',
  async (how) => {
    expect(CHANGES).toBeGreaterThan(15)
    for (let at = 1; at <= CHANGES; at++) {
      const { trial, before } = await aboutToGo()
      const interruptions = new Interruptions(trial)
      interruptions.interrupt(at, how)
      await trial.clock.advance(GONE_MS)
      interruptions.end()
      await trial.restart()
      await trial.clock.advance(GONE_MS)
      expect(await kept(trial), `killed ${how} change ${at} of ${CHANGES}`).toEqual(before)
    }
  },
)

test('what fails at any change is tried again', async () => {
  for (let at = 1; at <= CHANGES; at++) {
    const { trial, before } = await aboutToGo()
    const interruptions = new Interruptions(trial)
    interruptions.interrupt(at, 'fails')
    await trial.clock.advance(GONE_MS)
    interruptions.end()
    expect(await kept(trial), `failed at change ${at} of ${CHANGES}`).toEqual(before)
  }
})
