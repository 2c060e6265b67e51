import { describe, expect, test } from 'vitest'
import { DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { kept, storedNames } from '../support/kept.ts'
import { mediaList } from '../support/trial.ts'

describe('a file that another playlist leads to', () => {
  test('stays as long as that one does', async () => {
    const trial = await deleting()
    await trial.put('init.mp4', 'init of both')
    await trial.put('init.mp4', 'init of both')
    await trial.put('key.key', '0123456789abcdef')
    await trial.segments(['a0.m4s', 'b0.m4s'])
    const shared = ['#EXT-X-MAP:URI="init.mp4"', '#EXT-X-KEY:METHOD=AES-128,URI="key.key"']
    await trial.put('b.m3u8', mediaList(0, [...shared, 'b0.m4s']))
    await trial.put('a.m3u8', mediaList(0, [...shared, 'a0.m4s'], END))
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual(['b.m3u8', 'b0.m4s', 'init.mp4', 'key.key'])
    expect(await trial.played('b.m3u8')).toEqual(['key 0123456789abcdef/init of both/b0.m4s'])
    await trial.put('b.m3u8', mediaList(0, [...shared, 'b0.m4s'], END))
    await trial.clock.advance(GONE_MS)
    expect((await kept(trial)).journal).toEqual(['U/'])
  })

  test.each([
    ['a stream called alike', 'cam12.m3u8', 'cam1.m3u8', ['cam123.ts', 'cam12004.ts']],
    ['a stream called otherwise', 'cam12.m3u8', 'index.m3u8', ['cam123.ts', 'cam12004.ts']],
    ['the shorter one', 'cam1.m3u8', 'cam12.m3u8', ['cam123.ts', 'cam12004.ts']],
  ])('stays: %s', async (_what, going, staying, shared) => {
    const trial = await deleting()
    await trial.segments(shared)
    await trial.put(staying, mediaList(0, shared))
    await trial.put(going, mediaList(0, shared, END))
    await trial.clock.advance(GONE_MS)
    expect(await trial.served(going)).toBeUndefined()
    expect(await trial.played(staying)).toEqual(shared)
    expect(await storedNames(trial)).toEqual([...shared, staying].sort())
    await trial.put(staying, mediaList(0, shared, END))
    await trial.clock.advance(GONE_MS)
    expect((await kept(trial)).journal).toEqual(['U/'])
  })

  test('stays, though an earlier version did not note that', async () => {
    const trial = await deleting()
    await trial.put('init.mp4', 'init of both')
    await trial.segments(['a0.m4s', 'b0.m4s', 'b1.m4s'])
    const map = '#EXT-X-MAP:URI="init.mp4"'
    await trial.put('b.m3u8', mediaList(0, [map, 'b0.m4s']))
    await trial.put('b.m3u8', mediaList(1, ['b1.m4s']))
    await trial.put('a.m3u8', mediaList(0, [map, 'a0.m4s']))
    const notes = ['U/', 'W/'].flatMap((prefix) => [...trial.journal.entries(prefix)].map(([key]) => key))
    expect(notes.length).toBeGreaterThan(2)
    await trial.journal.commit(notes.map((key) => ({ key, value: null })))
    await trial.restart()
    await trial.put('a.m3u8', mediaList(0, [map, 'a0.m4s'], END))
    await trial.clock.advance(GONE_MS)
    expect(await trial.served('a.m3u8')).toBeUndefined()
    expect(await trial.recorded('b.m3u8')).toEqual(['init of both/b0.m4s', 'init of both/b1.m4s'])
  })

  test('goes with both when they go at once, and the journal takes its time', async () => {
    const trial = await deleting()
    await trial.put('init.mp4', 'init of both')
    await trial.segments(['a0.m4s', 'b0.m4s'])
    const map = '#EXT-X-MAP:URI="init.mp4"'
    await trial.put('a.m3u8', mediaList(0, [map, 'a0.m4s'], END))
    await trial.put('b.m3u8', mediaList(0, [map, 'b0.m4s'], END))
    const commit = trial.journal.commit.bind(trial.journal)
    trial.journal.commit = async (writes) => {
      await new Promise<void>((resolve) => void trial.clock.after(3, resolve))
      await commit(writes)
    }
    await trial.clock.advance(2 * GONE_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('that came and was never named stays with the stream of the longer name', async () => {
    const trial = await deleting()
    await trial.segments(['cam10.ts', 'cam12000.ts', 'cam12999.ts'])
    await trial.put('cam12.m3u8', mediaList(0, ['cam12000.ts']))
    await trial.put('cam1.m3u8', mediaList(0, ['cam10.ts'], END))
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual(['cam12.m3u8', 'cam12000.ts', 'cam12999.ts'])
  })

  test('under the same name with the same bytes stays for a stream that is about to begin', async () => {
    const trial = await deleting()
    await trial.put('init.mp4', 'init of both')
    await trial.segments(['a0.m4s'])
    await trial.put('a.m3u8', mediaList(0, ['#EXT-X-MAP:URI="init.mp4"', 'a0.m4s'], END))
    await trial.clock.advance(DELAY_MS - 1_000)
    await trial.put('init.mp4', 'init of both')
    await trial.clock.advance(GONE_MS)
    await trial.segments(['b0.m4s'])
    await trial.put('b.m3u8', mediaList(0, ['#EXT-X-MAP:URI="init.mp4"', 'b0.m4s']))
    expect(await trial.played('b.m3u8')).toEqual(['init of both/b0.m4s'])
  })
})
