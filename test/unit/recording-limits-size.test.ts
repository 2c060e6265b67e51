import { describe, expect, test } from 'vitest'
import { kept, storedNames } from '../support/kept.ts'
import { limited } from '../support/limited.ts'
import { LivePush } from '../support/live-push.ts'
import type { Trial } from '../support/trial.ts'

const MINUTE_MS = 60_000
const always = (value: number) => () => value

/** Bytes of the segments in the store. */
async function stored(trial: Trial, prefix = ''): Promise<number> {
  const own = (await storedNames(trial)).filter((name) => name.startsWith(prefix) && name.endsWith('.ts'))
  const sizes = await Promise.all(own.map(async (name) => (await trial.stored(name))?.length ?? 0))
  return sizes.reduce((sum, size) => sum + size, 0)
}

describe('what takes more than it may', () => {
  test('goes from all renditions of its stream, the oldest first', async () => {
    const trial = await limited({ bytes: (_app, name) => (name.startsWith('a') ? 3_000 : Number.POSITIVE_INFINITY) })
    const pushes = ['a_240p', 'a_480p', 'b'].map((prefix) => new LivePush(trial, prefix))
    for (let number = 0; number < 240; number += 20) {
      for (const push of pushes) await push.send(number, number + 20)
    }
    await trial.clock.advance(5 * MINUTE_MS)
    expect(pushes.flatMap(({ wrong }) => wrong)).toEqual([])
    expect(await stored(trial, 'a')).toBeLessThanOrEqual(3_000)
    expect(await stored(trial, 'a')).toBeGreaterThan(2_200)
    const [low, high, other] = await Promise.all(
      ['a_240p.m3u8', 'a_480p.m3u8', 'b.m3u8'].map((name) => trial.recorded(name)),
    )
    expect(Math.abs((low?.length ?? 0) - (high?.length ?? 0))).toBeLessThan(25)
    expect(other).toHaveLength(240)
  })

  test('goes from an app stream by stream, and what has ended as a whole', async () => {
    const trial = await limited({ appBytes: always(2_200) })
    const wrong: string[] = []
    for (const prefix of ['one', 'two', 'three', 'four']) {
      const push = new LivePush(trial, prefix)
      await push.send(0, 100, { foot: ['#EXT-X-ENDLIST'] })
      await trial.clock.advance(MINUTE_MS)
      wrong.push(...push.wrong)
    }
    await trial.clock.advance(10 * MINUTE_MS)
    expect(wrong).toEqual([])
    expect(await stored(trial)).toBeLessThanOrEqual(2_200)
    expect(await stored(trial)).toBeGreaterThan(1_700)
    const left = new Set((await storedNames(trial)).map((name) => name.replace(/[-\d.].*/, '')))
    expect([...left]).toEqual(['four', 'three', 'two'])
    expect(await trial.recorded('four.m3u8')).toHaveLength(100)
  })

  test('is named in the log where the live list alone takes more', async () => {
    const trial = await limited({ bytes: always(10) })
    const push = new LivePush(trial)
    await push.send(0, 50)
    expect(push.wrong).toEqual([])
    expect(trial.log.map(({ event }) => event)).toContain('recordings take more than they may')
    expect((await trial.served('a.m3u8'))?.includes('a49.ts')).toBe(true)
  })

  test('is counted anew after a restart', async () => {
    const trial = await limited({ bytes: always(2_000) })
    const push = new LivePush(trial)
    for (let number = 0; number < 600; number += 60) {
      await push.send(number, number + 60)
      await trial.restart()
    }
    await push.watch(2 * MINUTE_MS)
    expect(push.wrong).toEqual([])
    expect(await stored(trial)).toBeLessThanOrEqual(2_000 + 200)
    const { journal } = await kept(trial)
    const objects = journal.filter((key) => key.startsWith('s/'))
    expect(objects.length).toBeLessThan(380)
  })
})
