import { describe, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { dangling, danglingFor } from '../support/dangling.ts'
import { DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { kept, storedNames } from '../support/kept.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const ALL = 'all.m3u8'
const BOTH = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n'

async function send(trial: Trial, stream: string, ...foot: string[]): Promise<void> {
  await trial.segments([`${stream}0.ts`])
  await trial.put(`${stream}.m3u8`, mediaList(0, [`${stream}0.ts`], ...foot))
}

describe('streams that one playlist leads to', () => {
  test('go with it, though they go at the same moment', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    for (const stream of ['a', 'b']) await send(trial, stream)
    await trial.put(ALL, BOTH)
    for (const stream of ['a', 'b']) await send(trial, stream, END)
    expect(await danglingFor(trial, [ALL, 'a.m3u8', 'b.m3u8'], 2 * GONE_MS)).toEqual([])
    expect(await kept(trial)).toEqual(before)
  })

  test('leave it to the one that comes back', async () => {
    const trial = await deleting()
    for (const stream of ['a', 'b']) await send(trial, stream)
    await trial.put(ALL, BOTH)
    for (const stream of ['a', 'b']) await send(trial, stream, END)
    await trial.clock.advance(DELAY_MS - 1_000)
    await trial.put('b1.ts', 'b1.ts')
    await trial.put('b.m3u8', mediaList(0, ['b0.ts', 'b1.ts']))
    await trial.clock.advance(2 * GONE_MS)
    expect(await trial.served('a.m3u8')).toBeUndefined()
    expect(await trial.played('b.m3u8')).toEqual(['b0.ts', 'b1.ts'])
    expect(await trial.served(ALL)).toBe('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n')
  })
})

describe('P2: streams of which one is called like files of the other', () => {
  test('go each with its own files, though they go one right after the other', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    await trial.put('cam01.ts', 'all of cam01')
    await trial.put('cam01.m3u8', mediaList(0, ['cam01.ts']))
    await send(trial, 'cam0', END)
    await trial.clock.advance(9_000)
    await trial.put('cam01.m3u8', mediaList(0, ['cam01.ts'], END))
    const remove = trial.store.delete.bind(trial.store)
    trial.store.delete = async (keys) => {
      if (keys.some((key) => key.endsWith('cam01.m3u8'))) throw new StorageError('unavailable', true)
      await remove(keys)
    }
    expect(await danglingFor(trial, ['cam0.m3u8', 'cam01.m3u8'], GONE_MS)).toEqual([])
    trial.store.delete = remove
    await trial.clock.advance(GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })
})

describe('a stream that ends while deletes of its encoder are mirrored', () => {
  async function mirroringToo(): Promise<Trial> {
    const deletion = { ...NOTHING_DELETED, onEnded: () => true, isMirror: () => true, afterMs: DELAY_MS }
    const trial = new Trial(NEVER_STALE, policies([]), undefined, deletion)
    await trial.restart()
    return trial
  }

  test('P2: goes from the store with its lists first, however long that takes', async () => {
    const trial = await mirroringToo()
    const all = names('a', 6)
    await trial.segments(all)
    await trial.put('a.m3u8', mediaList(0, all, END))
    for (const name of all) await trial.delete(name)
    const remove = trial.store.delete.bind(trial.store)
    trial.store.delete = async (keys) => {
      if (keys.some((key) => key.endsWith('.m3u8'))) throw new StorageError('unavailable', true)
      await remove(keys)
    }
    await trial.clock.advance(3 * GONE_MS)
    expect(await trial.served('a.m3u8')).toBeUndefined()
    expect(await trial.stored('a.m3u8')).toBeDefined()
    expect(await dangling(trial, ['a.m3u8'])).toEqual([])
    trial.store.delete = remove
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('goes with the keys of segments that were gone before', async () => {
    const trial = await mirroringToo()
    const before = await kept(trial)
    const key = '#EXT-X-KEY:METHOD=AES-128,URI="a.key"'
    for (let number = 0; number < 15; number++) {
      if (number % 5 === 0) await trial.put('a.key', `key of life ${number / 5}`)
      await trial.put(`a${number}.ts`, `a${number}`)
      if (number > 0) await trial.delete(`a${number - 1}.ts`)
      await trial.put('a.m3u8', mediaList(number, [key, `a${number}.ts`]))
      await trial.clock.advance(10_000)
    }
    await trial.clock.advance(60_000)
    expect(await trial.recorded('a.m3u8')).toEqual(['key key of life 2/a14'])
    expect(await storedNames(trial)).toEqual(expect.arrayContaining(['a.key', 'a_1.key', 'a_2.key']))
    await trial.put('a.m3u8', mediaList(14, [key, 'a14.ts'], END))
    await trial.clock.advance(2 * GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })
})

test('P2: a multivariant playlist that is made anew waits in the store for what it leads to, and not for what was there', async () => {
  const trial = await deleting()
  const send = async (mark: string, ...foot: string[]) => {
    for (const list of ['cam_360p', 'cam_720p']) {
      await trial.segments([`${list}0.ts`], mark)
      await trial.put(`${list}.m3u8`, mediaList(0, [`${list}0.ts`], ...foot))
    }
  }
  await send('', END)
  await trial.clock.advance(DELAY_MS - 1_000)
  expect(await trial.stored('cam_adaptive.m3u8')).toContain('cam_360p.m3u8')
  const { store } = trial
  const [put, remove] = [store.put.bind(store), store.delete.bind(store)]
  const fail = () => Promise.reject(new StorageError('unavailable', true))
  store.delete = fail
  await trial.clock.advance(2_000)
  await send(' of life 2')
  await trial.clock.advance(1_000)
  store.put = (key, ...rest) => (key.endsWith('p.m3u8') ? fail() : put(key, ...rest))
  store.delete = remove
  expect(await danglingFor(trial, ['cam_adaptive.m3u8'], 30_000)).toEqual([])
  store.put = put
  await trial.clock.advance(60_000)
  expect(await trial.stored('cam_adaptive.m3u8')).toBe(await trial.served('cam_adaptive.m3u8'))
  expect(await trial.played('cam_720p.m3u8')).toEqual(['cam_720p0.ts of life 2'])
})
