import { describe, expect, test } from 'vitest'
import { storedNames } from '../support/kept.ts'
import { limited } from '../support/limited.ts'
import { sendLive, WINDOW } from '../support/live-push.ts'
import { mediaList, names } from '../support/trial.ts'

const LIST = 'a.m3u8'
const MINUTE_MS = 60_000

describe('what stays when recordings have a limit of age', () => {
  test('is what came just before its old playlist was chosen, and is in no list yet', async () => {
    const trial = await limited({ ms: () => 5 * MINUTE_MS })
    await trial.segments(names('a', 3))
    await trial.put(LIST, mediaList(0, names('a', 3), '#EXT-X-ENDLIST'))
    await trial.clock.advance(5.5 * MINUTE_MS - 5_000)
    // The encoder is back, and its connection is lost before the list comes.
    await trial.put('a3.ts', 'a3.ts of run 2')
    await trial.clock.advance(110_000)
    await trial.put(LIST, mediaList(0, ['a3.ts']))
    await trial.clock.advance(MINUTE_MS)
    expect(await trial.played(LIST)).toEqual([expect.stringContaining('a3.ts of run 2')])
  })

  test('is what was too old only while the clock was wrong', async () => {
    const trial = await limited({ ms: () => 60 * MINUTE_MS })
    await sendLive(trial, 'a', [0, 10], { foot: ['#EXT-X-ENDLIST'] })
    await trial.clock.advance(5 * MINUTE_MS)
    const { clock } = trial
    const now = clock.now.bind(clock)
    clock.now = () => now() + 120 * MINUTE_MS
    await clock.advance(31_000)
    clock.now = now
    await clock.advance(5 * MINUTE_MS)
    expect(await trial.recorded(LIST)).toEqual(names('a', 10))
  })

  test('is found by dates that count on from what went', async () => {
    const trial = await limited({ ms: () => MINUTE_MS }, { blockEntries: 10 })
    const begin = Date.UTC(2020, 0, 1)
    const dated = `#EXT-X-PROGRAM-DATE-TIME:${new Date(begin).toISOString()}\n#EXTINF:2.000000,\na0.ts`
    for (let number = 0; number < 100; number++) {
      await trial.put(`a${number}.ts`, `a${number}.ts`)
      const first = Math.max(0, number - WINDOW + 1)
      const own = names('a', number - first + 1, first).map((name) => (name === 'a0.ts' ? dated : name))
      await trial.put(LIST, mediaList(first, own))
      await trial.clock.advance(2_000)
    }
    expect(await trial.recorded(LIST)).not.toContain('a0.ts')
    const clip = await trial.clip(LIST, { start: begin + 2_000 * 90, end: begin + 2_000 * 95 })
    expect(clip?.match(/a\d+\.ts/g)).toEqual(names('a', 5, 90))
  })
})

test('what came late for a hole goes with its entry, also before that is in a block', async () => {
  const trial = await limited({ ms: () => MINUTE_MS }, { blockEntries: 1_000 })
  const send = async (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      if (number !== 10) await trial.put(`a${number}.ts`, `a${number}.ts`)
      const first = Math.max(0, number - WINDOW + 1)
      await trial.put(LIST, mediaList(first, names('a', number - first + 1, first)))
      await trial.clock.advance(2_000)
    }
  }
  await send(0, 17)
  await trial.put('a10.ts', 'a10.ts')
  await send(17, 20)
  expect(await trial.recorded(LIST)).toContain('a10.ts')
  await send(20, 100)
  expect(await trial.recorded(LIST)).not.toContain('a10.ts')
  expect(await storedNames(trial)).not.toContain('a10.ts')
})
