import { describe, expect, test } from 'vitest'
import { limited } from '../support/limited.ts'
import { sendLive, WINDOW } from '../support/live-push.ts'
import { mediaList, names } from '../support/trial.ts'

const LIST = 'a.m3u8'
const MINUTE_MS = 60_000

describe('of what a recording takes, its limit', () => {
  test('counts a file of which the live list shows ranges once', async () => {
    const trial = await limited({ bytes: () => 400 })
    const upload = trial.begin('all.ts')
    const range = (number: number) => `#EXTINF:2.000000,\n#EXT-X-BYTERANGE:8@${8 * number}\nall.ts`
    for (let number = 0; number < 40; number++) {
      await upload.send('12345678')
      const first = Math.max(0, number - WINDOW + 1)
      const own = Array.from({ length: number - first + 1 }, (_, index) => range(first + index))
      await trial.put(LIST, mediaList(first, own))
      await trial.clock.advance(2_000)
    }
    await upload.end()
    await trial.clock.advance(2 * MINUTE_MS)
    expect(await trial.recorded(LIST)).toHaveLength(40)
  })

  test('does not count what was removed as a whole under its name before', async () => {
    const trial = await limited({ bytes: () => 1_250 }, { rules: { onEnded: () => true, afterMs: 31_000 } })
    await sendLive(trial, 'a', [0, 30], { foot: ['#EXT-X-ENDLIST'], body: (name) => name.padEnd(40, '.') })
    await trial.clock.advance(2 * MINUTE_MS)
    expect(await trial.served(LIST)).toBeUndefined()
    await sendLive(trial, 'a', [0, 80])
    expect(await trial.recorded(LIST)).toEqual(names('a', 80))
  })

  test('does not count what went with files that the encoder deleted behind a hole', async () => {
    // The first 20 take most of it; what the encoder keeps later takes less than a tenth.
    const trial = await limited({ bytes: () => 4_300 }, { rules: { isMirror: () => true } })
    const lengths: number[] = []
    await trial.put(LIST, mediaList(0, ['#EXT-X-GAP', 'a0.ts']))
    for (let number = 1; number < 110; number++) {
      await trial.put(`a${number}.ts`, `a${number}.ts`.padEnd(number <= 20 ? 200 : 0, '.'))
      const first = Math.max(0, number - WINDOW + 1)
      const own = names('a', number - first + 1, first).flatMap((name) =>
        name === 'a0.ts' ? ['#EXT-X-GAP', name] : name,
      )
      await trial.put(LIST, mediaList(first, own))
      if (number > 30) await trial.delete(`a${number - 30}.ts`)
      await trial.clock.advance(2_000)
      if (number > 40 && number % 4 === 0) lengths.push((await trial.recorded(LIST)).length)
    }
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30)
    expect(Math.max(...lengths)).toBeLessThan(60)
  })
})
