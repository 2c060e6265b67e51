import { describe, expect, test } from 'vitest'
import { storedNames } from '../support/kept.ts'
import { limited } from '../support/limited.ts'
import { mediaList, names } from '../support/trial.ts'

const MINUTE_MS = 60_000

describe('a playlist that is too old as a whole', () => {
  test('P1: stays when a segment comes before its list, though it is called otherwise', async () => {
    const trial = await limited({ ms: () => 5 * MINUTE_MS })
    await trial.segments(names('seg', 3))
    await trial.put('index.m3u8', mediaList(0, names('seg', 3), '#EXT-X-ENDLIST'))
    // Chosen by now: it waits for what may still come.
    await trial.clock.advance(6 * MINUTE_MS)
    const upload = trial.begin('seg0.ts')
    await upload.send('seg0 of run 2')
    await trial.clock.advance(MINUTE_MS)
    await upload.end()
    await trial.put('index.m3u8', mediaList(0, ['seg0.ts']))
    await trial.clock.advance(MINUTE_MS)
    expect((await trial.recorded('index.m3u8')).slice(-1)).toEqual([expect.stringContaining('seg0 of run 2')])
    expect(await trial.played('index.m3u8')).toEqual([expect.stringContaining('seg0 of run 2')])
  })

  test('goes though another rendition of its stream goes on', async () => {
    const trial = await limited({ ms: () => 5 * MINUTE_MS })
    await trial.segments(names('a_1p', 3))
    await trial.put('a_1p.m3u8', mediaList(0, names('a_1p', 3), '#EXT-X-ENDLIST'))
    for (const [number, name] of names('a_2p', 250).entries()) {
      await trial.segments([name])
      await trial.put('a_2p.m3u8', mediaList(number, [name]))
      await trial.clock.advance(2_000)
    }
    expect(await trial.served('a_1p.m3u8')).toBeUndefined()
    expect((await storedNames(trial)).filter((name) => name.startsWith('a_1p'))).toEqual([])
    expect(await trial.played('a_2p.m3u8')).toEqual(['a_2p249.ts'])
  })
})
