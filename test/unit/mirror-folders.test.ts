import { expect, test } from 'vitest'
import { dangling } from '../support/dangling.ts'
import { Interruptions } from '../support/interruptions.ts'
import { storedNames } from '../support/kept.ts'
import { mirroring } from '../support/mirroring.ts'
import { mediaList, names, type Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const COUNT = 8
const SIZE = 3
const SETTLE_MS = 120_000

/** Segments in a folder below their list, some of which their encoder has deleted, in the middle. */
async function story(): Promise<Trial> {
  const trial = await mirroring()
  for (const [number, name] of names('a', COUNT).entries()) {
    await trial.put(`parts/${name}`, name)
    const first = Math.max(0, number - SIZE + 1)
    if (first > 1) await trial.delete(`parts/a${first - 1}.ts`)
    await trial.put(LIST, mediaList(first, names('a', number - first + 1, first)))
    await trial.clock.advance(3_000)
  }
  return trial
}

test('P2: a receiver that is killed while it takes out what was deleted in a folder names it never again', async () => {
  const counted = await story()
  const counting = new Interruptions(counted)
  await counted.clock.advance(SETTLE_MS)
  const { changes } = counting
  expect(changes).toBeGreaterThan(5)
  for (let at = 1; at <= changes; at++) {
    const trial = await story()
    const interruptions = new Interruptions(trial)
    interruptions.interrupt(at, 'after')
    await trial.clock.advance(60_000)
    interruptions.end()
    await trial.restart()
    await trial.put('parts/a0.ts', 'of the next run')
    await trial.put(LIST, mediaList(0, ['a0.ts']))
    await trial.clock.advance(SETTLE_MS)
    expect(await dangling(trial, [LIST, ...(await trial.runs(LIST))]), `killed at change ${at}`).toEqual([])
    const recorded = (await trial.recorded(LIST)).filter((each) => each !== 'GAP')
    expect(recorded).toEqual(['a0.ts', '- a5.ts', 'a6.ts', 'a7.ts', '- of the next run'])
  }
})

test('P2: the recording names nothing that was deleted in a folder, though no list that was served ever did', async () => {
  const trial = await mirroring()
  await trial.put(LIST, mediaList(0, names('a', 2)))
  await trial.put('parts/a2.ts', 'a2.ts')
  await trial.put(LIST, mediaList(2, ['a2.ts']))
  for (const name of names('a', 2)) await trial.put(`parts/${name}`, name)
  await trial.clock.advance(10_000)
  expect(await trial.recorded(LIST)).toEqual(['a0.ts', 'a1.ts', 'a2.ts'])
  await trial.delete('parts/a0.ts')
  await trial.clock.advance(SETTLE_MS)
  expect(await storedNames(trial)).not.toContain('parts/a0.ts')
  expect(await trial.recorded(LIST)).toEqual(['GAP', 'a1.ts', 'a2.ts'])
})
