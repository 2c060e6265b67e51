import { describe, expect, test } from 'vitest'
import { DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { storedNames } from '../support/kept.ts'
import { mediaList, names, type Trial } from '../support/trial.ts'

const LIST = 'index.m3u8'

/** A stream that has ended, and goes in 2 s. */
async function ended(segments: readonly string[]): Promise<Trial> {
  const trial = await deleting()
  await trial.segments(segments)
  await trial.put(LIST, mediaList(0, segments, END))
  await trial.clock.advance(DELAY_MS - 2_000)
  return trial
}

describe('P1: an encoder that comes back in time keeps all, though its segments are called otherwise than its list', () => {
  test.each([
    ['unpadded', names('seg', 3), names('seg', 2)],
    ['that had come to five digits', names('seg', 3, 10_021), names('seg', 2)],
    ['padded', ['cam1-000000000.ts', 'cam1-000000001.ts'], ['cam1-000000000.ts', 'cam1-000000001.ts']],
    ['in a folder', names('720p/seg', 3), names('720p/seg', 2)],
  ])('%s', async (_what, before, [first = '', second = '']) => {
    const trial = await ended(before)
    const upload = trial.begin(first)
    await upload.send('first of run 2')
    await trial.clock.advance(4_000)
    await upload.end()
    await trial.put(LIST, mediaList(0, [first]))
    await trial.put(second, 'second of run 2')
    await trial.put(LIST, mediaList(0, [first, second]))
    await trial.clock.advance(GONE_MS)
    expect(await trial.recorded(LIST)).toEqual([...before, '- first of run 2', 'second of run 2'])
  })

  test('with an init section first', async () => {
    const trial = await deleting()
    const map = '#EXT-X-MAP:URI="init.mp4"'
    await trial.put('init.mp4', 'init')
    await trial.segments(['seg0.m4s'])
    await trial.put(LIST, mediaList(0, [map, 'seg0.m4s'], END))
    await trial.clock.advance(DELAY_MS - 2_000)
    await trial.put('init.mp4', 'init of run 2')
    await trial.clock.advance(4_000)
    await trial.put('seg0.m4s', 'seg0 of run 2')
    await trial.put(LIST, mediaList(0, [map, 'seg0.m4s']))
    await trial.clock.advance(GONE_MS)
    expect(await trial.recorded(LIST)).toEqual(['init/seg0.m4s', '- init of run 2/seg0 of run 2'])
  })

  test('while no list of it comes', async () => {
    const trial = await ended(names('seg', 3))
    for (const name of names('seg', 57, 3)) {
      await trial.segments([name])
      await trial.clock.advance(2_000)
    }
    expect(await trial.recorded(LIST)).toHaveLength(60)
  })

  test('after a restart of the receiver', async () => {
    const trial = await ended(names('seg', 3))
    await trial.restart()
    await trial.clock.advance(DELAY_MS - 2_000)
    await trial.segments(['seg3.ts'])
    await trial.clock.advance(DELAY_MS - 2_000)
    expect(await trial.served(LIST)).toBeDefined()
  })
})

test('a stream goes though another sends files of other names', async () => {
  const trial = await ended(names('cam1_seg', 3))
  for (const name of names('cam2_seg', 40)) {
    await trial.segments([name])
    await trial.clock.advance(2_000)
  }
  expect((await storedNames(trial)).filter((name) => !name.startsWith('cam2'))).toEqual([])
})

describe('every file of a stream goes, though it is called otherwise', () => {
  test.each([
    ['before its last list', (trial: Trial) => trial.segments(['seg1.ts', 'seg5.ts'])],
    ['after its last list', () => Promise.resolve()],
  ])('that came late, or that no list named: %s', async (_when, send) => {
    const trial = await deleting()
    await trial.segments(['seg0.ts', 'seg2.ts', 'seg3.ts', 'seg4.ts'])
    await trial.put(LIST, mediaList(0, names('seg', 3)))
    await trial.clock.advance(10_000)
    await trial.put(LIST, mediaList(2, names('seg', 3, 2)))
    await send(trial)
    await trial.put(LIST, mediaList(3, names('seg', 2, 3), END))
    await trial.segments(['seg1.ts', 'seg5.ts'])
    await trial.clock.advance(20_000)
    expect(await trial.recorded(LIST)).toEqual(names('seg', 6))
    await trial.clock.advance(2 * GONE_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('but not one that another list may have too', async () => {
    const trial = await deleting()
    await trial.segments(names('seg', 4))
    await trial.put('other.m3u8', mediaList(0, names('seg', 3)))
    await trial.put(LIST, mediaList(0, names('seg', 3), END))
    await trial.clock.advance(2 * GONE_MS)
    expect(await storedNames(trial)).toEqual(['other.m3u8', ...names('seg', 4)])
  })
})
