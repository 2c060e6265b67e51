import { describe, expect, test } from 'vitest'
import { kept, storedNames } from '../support/kept.ts'
import { AFTER_MS, mirroring } from '../support/mirroring.ts'
import { mediaList, names } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'

describe('a playlist that its encoder deletes', () => {
  test('ends, and goes with all that was recorded of it', async () => {
    const trial = await mirroring()
    const before = await kept(trial)
    await trial.segments([...names('a', 3), 'b0.ts'])
    await trial.put(LIST, mediaList(0, names('a', 3)))
    await trial.put('b.m3u8', mediaList(0, ['b0.ts']))
    await trial.delete(LIST)
    await trial.clock.advance(30_000)
    expect(await trial.served(LIST)).toContain(END)
    await trial.clock.advance(AFTER_MS)
    expect(await storedNames(trial)).toEqual(['b.m3u8', 'b0.ts'])
    await trial.delete('b.m3u8')
    await trial.clock.advance(2 * AFTER_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('stays when it comes again', async () => {
    const trial = await mirroring()
    await trial.segments(names('a', 4))
    await trial.put(LIST, mediaList(0, names('a', 3)))
    await trial.delete(LIST)
    await trial.clock.advance(30_000)
    await trial.put(LIST, mediaList(0, names('a', 4)))
    await trial.clock.advance(5 * AFTER_MS)
    expect(await trial.served(LIST)).not.toContain(END)
    expect(await trial.played(LIST)).toEqual(names('a', 4))
  })

  test('stays when it comes again, also where it leads to others', async () => {
    const trial = await mirroring()
    await trial.segments(['a0.ts'])
    await trial.put(LIST, mediaList(0, ['a0.ts']))
    const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n'
    await trial.put('master.m3u8', master)
    await trial.delete('master.m3u8')
    await trial.put('master.m3u8', master)
    await trial.clock.advance(5 * AFTER_MS)
    expect(await trial.served('master.m3u8')).toBe(master)
    await trial.delete('master.m3u8')
    await trial.clock.advance(5 * AFTER_MS)
    expect(await storedNames(trial)).toEqual(['a.m3u8', 'a0.ts'])
  })
})
