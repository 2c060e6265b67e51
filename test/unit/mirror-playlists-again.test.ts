import { describe, expect, test } from 'vitest'
import { storedNames } from '../support/kept.ts'
import { AFTER_MS, mirroring } from '../support/mirroring.ts'
import { mediaList, names, type Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'

/** A list of three segments, which its encoder has deleted. */
async function deleted(list = LIST, prefix = 'a'): Promise<Trial> {
  const trial = await mirroring()
  await trial.segments(names(prefix, 3))
  await trial.put(list, mediaList(0, names(prefix, 3)))
  await trial.delete(list)
  return trial
}

async function segments(trial: Trial): Promise<string[]> {
  return (await storedNames(trial)).filter((name) => name.endsWith('.ts'))
}

describe('P1: what comes after a DELETE of its list, and before the list again, is not lost', () => {
  test.each([
    ['on its way', LIST, 'a'],
    ['here', LIST, 'a'],
    ['here, and called otherwise', 'index.m3u8', 'seg'],
  ])('a segment that is %s when the list was to go', async (how, list, prefix) => {
    const trial = await deleted(list, prefix)
    await trial.clock.advance(AFTER_MS - 5_000)
    const upload = trial.begin(`${prefix}3.ts`)
    await upload.send(`${prefix}3.ts`)
    if (how !== 'on its way') await upload.end()
    await trial.clock.advance(40_000)
    if (how === 'on its way') await upload.end()
    await trial.put(list, mediaList(1, names(prefix, 3, 1)))
    await trial.segments([`${prefix}4.ts`])
    await trial.put(list, mediaList(2, names(prefix, 3, 2)))
    await trial.clock.advance(2 * AFTER_MS)
    expect(await trial.recorded(list)).toEqual(names(prefix, 5))
  })

  test('segments that keep coming without a list', async () => {
    const trial = await deleted()
    for (const name of names('a', 57, 3)) {
      await trial.segments([name])
      await trial.clock.advance(2_000)
    }
    expect(await segments(trial)).toHaveLength(60)
  })

  test('nor is it when no list comes again', async () => {
    const trial = await deleted()
    await trial.segments(['a3.ts'])
    await trial.clock.advance(3 * AFTER_MS)
    expect(await storedNames(trial)).toEqual(['a3.ts'])
  })
})

describe('a playlist that its encoder deletes goes', () => {
  test('though another rendition goes on', async () => {
    const trial = await deleted('a_1p.m3u8', 'a_1p')
    for (const [number, name] of names('a_2p', 50).entries()) {
      await trial.segments([name])
      await trial.put('a_2p.m3u8', mediaList(number, [name]))
      await trial.clock.advance(2_000)
    }
    expect(await trial.served('a_1p.m3u8')).toBeUndefined()
    expect(await segments(trial)).toEqual(names('a_2p', 50).sort())
  })

  test('with the segments of its rendition that no list named', async () => {
    const trial = await mirroring()
    for (const list of ['a_1p', 'a_2p']) {
      await trial.segments(names(list, 4))
      await trial.put(`${list}.m3u8`, mediaList(0, names(list, 3)))
    }
    await trial.delete('a_1p.m3u8')
    await trial.clock.advance(3 * AFTER_MS)
    expect(await segments(trial)).toEqual(names('a_2p', 4))
  })

  test('after its while, though the clock is set', async () => {
    const trial = await deleted()
    const now = trial.clock.now.bind(trial.clock)
    trial.clock.now = () => now() + 3_600_000
    await trial.clock.advance(AFTER_MS / 2)
    expect(await trial.served(LIST)).toBeDefined()
    trial.clock.now = () => now() - 30 * 24 * 3_600_000
    await trial.clock.advance(AFTER_MS)
    expect(await trial.served(LIST)).toBeUndefined()
  })

  test('after a restart of the receiver, which begins its while anew', async () => {
    const trial = await deleted()
    await trial.clock.advance(AFTER_MS - 1_000)
    await trial.restart()
    await trial.clock.advance(AFTER_MS - 1_000)
    expect(await trial.served(LIST)).toBeDefined()
    await trial.clock.advance(AFTER_MS)
    expect(await storedNames(trial)).toEqual([])
  })
})
