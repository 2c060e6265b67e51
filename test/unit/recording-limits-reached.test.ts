import { describe, expect, test } from 'vitest'
import { limited } from '../support/limited.ts'
import { sendLive } from '../support/live-push.ts'
import { mediaList, names } from '../support/trial.ts'

const LIST = 'a.m3u8'
const MINUTE_MS = 60_000
/** Of these the live list plays more than an hour. */
const LONG_S = 1_800

describe('a limit of age is reached', () => {
  test('where the live list plays more than an hour', async () => {
    const trial = await limited({ ms: () => 30 * MINUTE_MS })
    await sendLive(trial, 'a', [0, 20], { seconds: LONG_S })
    const recorded = await trial.recorded(LIST)
    expect(recorded.at(-1)).toBe('a19.ts')
    expect(recorded.length).toBeLessThan(10)
  })

  test('where a list that plays more than an hour has ended', async () => {
    const trial = await limited({ ms: () => 10 * MINUTE_MS })
    await sendLive(trial, 'a', [0, 6], { seconds: LONG_S, everyMs: 2_000, foot: ['#EXT-X-ENDLIST'] })
    await trial.clock.advance(360 * MINUTE_MS)
    expect(await trial.served(LIST)).toBeUndefined()
  })

  test('beside another stream whose list plays more than an hour', async () => {
    const trial = await limited({ ms: () => 2 * MINUTE_MS })
    await sendLive(trial, 'long', [0, 6], { seconds: LONG_S, everyMs: 100 })
    await sendLive(trial, 'a', [0, 60], { seconds: 10 })
    const recorded = await trial.recorded(LIST)
    expect(recorded.at(-1)).toBe('a59.ts')
    // Chosen half a minute later at most, and unshown for as long as the list plays.
    expect(recorded.length).toBeLessThan(30)
  })

  test('beside a recording that cannot be read', async () => {
    const trial = await limited({ ms: () => 2 * MINUTE_MS })
    await sendLive(trial, 'lost', [0, 40])
    const [entries = ''] = [...trial.journal.entries('B/live/lost.m3u8')].map(([key]) => key)
    await trial.journal.commit([{ key: entries, value: null }])
    await sendLive(trial, 'a', [0, 60], { seconds: 10 })
    const recorded = await trial.recorded(LIST)
    expect(recorded.at(-1)).toBe('a59.ts')
    expect(recorded.length).toBeLessThan(30)
    const unread = trial.log.filter(({ event }) => event === 'recording not looked at')
    expect(unread.map(({ fields }) => fields?.['name'])).toContain('lost.m3u8')
  })

  test('by the earlier runs of an encoder whose lists only grow', async () => {
    const trial = await limited({ ms: () => MINUTE_MS })
    for (let run = 0; run < 8; run++) {
      for (let number = 0; number < 10; number++) {
        await trial.put(`a${number}.ts`, `${number} of ${run}`)
        await trial.put(LIST, mediaList(0, names('a', number + 1)))
        await trial.clock.advance(2_000)
      }
      await trial.clock.advance(9_000)
    }
    const recorded = await trial.recorded(LIST)
    expect(recorded.at(-1)).toBe('9 of 7')
    expect(recorded.length).toBeLessThan(60)
  })
})
