import { describe, expect, test } from 'vitest'
import { keys } from '../../src/core/records.ts'
import { dangling, danglingFor } from '../support/dangling.ts'
import { END } from '../support/going-stream.ts'
import { kept } from '../support/kept.ts'
import { AFTER_MS, mirroring } from '../support/mirroring.ts'
import { urisOf } from '../support/renditions.ts'
import { mediaList, names, type Trial } from '../support/trial.ts'

const MASTER = 'cam_adaptive.m3u8'
const ALL = ['cam_1p', 'cam_2p', 'cam_3p']

/** Sends renditions that all end but the first. */
async function broadcast(trial: Trial, renditions: readonly string[]): Promise<void> {
  for (const each of renditions) {
    await trial.segments(names(each, 3))
    await trial.put(`${each}.m3u8`, mediaList(0, names(each, 3), ...(each === renditions[0] ? [] : [END])))
  }
  await trial.clock.advance(300_000)
}

describe('P2: the made multivariant playlist, when one rendition is removed and the others have ended,', () => {
  test.each([[3], [2]])('leads to those that are left of %i', async (count) => {
    const trial = await mirroring()
    const [first = '', ...others] = ALL.slice(0, count)
    await broadcast(trial, [first, ...others])
    expect(urisOf((await trial.stored(MASTER)) ?? '')).toHaveLength(count)
    await trial.delete(`${first}.m3u8`)
    const lists = [MASTER, ...ALL.map((each) => `${each}.m3u8`)]
    expect(await danglingFor(trial, lists, 3 * AFTER_MS)).toEqual([])
    expect(urisOf((await trial.stored(MASTER)) ?? '')).toEqual(others.map((each) => `${each}.m3u8`))
    expect(await trial.stored(MASTER)).toBe(await trial.served(MASTER))
  })

  test('is made again also over a restart', async () => {
    const trial = await mirroring()
    await broadcast(trial, ALL)
    await trial.delete('cam_1p.m3u8')
    const hasBegun = () => [...trial.journal.entries(keys.removal(''))].length > 0
    while (!hasBegun()) await trial.clock.advance(250)
    await trial.restart()
    await trial.clock.advance(AFTER_MS)
    expect(urisOf((await trial.stored(MASTER)) ?? '')).toEqual(['cam_2p.m3u8', 'cam_3p.m3u8'])
    expect(await dangling(trial, [MASTER])).toEqual([])
  })

  test('goes with the last of them', async () => {
    const trial = await mirroring()
    const before = await kept(trial)
    await broadcast(trial, ALL)
    for (const each of ALL) {
      await trial.delete(`${each}.m3u8`)
      await trial.clock.advance(2 * AFTER_MS)
    }
    expect(await kept(trial)).toEqual(before)
  })
})
