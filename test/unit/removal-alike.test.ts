import { describe, expect, test } from 'vitest'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { DELAY_MS, END, GONE_MS } from '../support/going-stream.ts'
import { storedNames } from '../support/kept.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

/** A receiver that deletes `cam12`; `cam1` numbers its segments `cam1%d.ts`. */
async function deletingCam12(): Promise<Trial> {
  const onEnded = (_app: string, name: string) => name.startsWith('cam12')
  const trial = new Trial(NEVER_STALE, policies([]), undefined, { ...NOTHING_DELETED, onEnded, afterMs: DELAY_MS })
  await trial.restart()
  return trial
}

/** `cam12` comes, ends and goes. */
async function passingCam12(trial: Trial): Promise<void> {
  await trial.clock.advance(200_000)
  await trial.segments(['cam12000000001.ts', 'cam12000000002.ts'])
  await trial.put('cam12.m3u8', mediaList(1, ['cam12000000001.ts'], END))
  await trial.clock.advance(GONE_MS)
  expect(await trial.served('cam12.m3u8')).toBeUndefined()
  expect((await storedNames(trial)).filter((name) => name.startsWith('cam120'))).toEqual([])
}

describe('P5: a stream that goes takes no segment of one whose name is shorter', () => {
  test('that came late', async () => {
    const trial = await deletingCam12()
    await trial.segments(names('cam1', 6).filter((name) => name !== 'cam12.ts'))
    await trial.put('cam1.m3u8', mediaList(0, names('cam1', 4)))
    await trial.clock.advance(5_000)
    await trial.put('cam1.m3u8', mediaList(3, names('cam1', 2, 3)))
    await trial.segments(['cam12.ts'])
    await trial.put('cam1.m3u8', mediaList(4, names('cam1', 2, 4), END))
    await trial.clock.advance(20_000)
    expect(await trial.recorded('cam1.m3u8')).toEqual(names('cam1', 6))
    await passingCam12(trial)
    expect(await trial.recorded('cam1.m3u8')).toEqual(names('cam1', 6))
  })

  test('that no list named', async () => {
    const trial = await deletingCam12()
    await trial.segments(names('cam1', 3))
    await trial.put('cam1.m3u8', mediaList(0, names('cam1', 2), END))
    await trial.clock.advance(20_000)
    expect(await trial.recorded('cam1.m3u8')).toEqual(names('cam1', 3))
    await passingCam12(trial)
    expect(await trial.recorded('cam1.m3u8')).toEqual(names('cam1', 3))
  })
})
