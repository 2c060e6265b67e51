import { describe, expect, test } from 'vitest'
import { PlaylistWatch } from '../../src/testing/playlist-watch.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'cam.m3u8'
const END = '#EXT-X-ENDLIST'
/** What LMDB takes as a key. */
const MAX_KEY_BYTES = 1_978
const BREAK = '#EXT-X-DISCONTINUITY'
const [a0 = '', a1 = '', a2 = ''] = names('cam', 3)
const all = [a0, a1]

async function pushed(list = LIST): Promise<Trial> {
  const trial = new Trial()
  const folder = list.slice(0, list.lastIndexOf('/') + 1)
  await trial.segments(all.map((name) => folder + name))
  await trial.put(list, mediaList(0, all))
  return trial
}

describe('P4: a stream whose server says that it is over', () => {
  test.each([
    ['cam.m3u8', 'streams/cam'],
    ['cam_720p2000kbps.m3u8', 'streams/cam'],
    ['cam-2026-11-22_12-00-00.000_720p.m3u8', ''],
    ['sub/cam.m3u8', 'streams/subcam'],
    ['sub/folder/cam.m3u8', 'my/streams/sub/foldercam'],
  ])('has its playlist ended: %s', async (list, filePath) => {
    const trial = await pushed(list)
    await trial.finish('cam', filePath)
    await trial.clock.advance(9_000)
    expect(await trial.served(list)).toBe(mediaList(0, all))
    await trial.clock.advance(1_000)
    expect(await trial.served(list)).toBe(mediaList(0, all, END))
    expect(await trial.readBack(list)).toBe(mediaList(0, all))
  })

  test('ends no playlist of another stream', async () => {
    const trial = await pushed('cam2.m3u8')
    await trial.finish('cam')
    await trial.clock.advance(20_000)
    expect(await trial.served('cam2.m3u8')).toBe(mediaList(0, all))
  })

  test('shows a hole at its end, and ends before nothing that still comes', async () => {
    const trial = await pushed()
    await trial.put(LIST, mediaList(0, [a0, a1, a2]))
    await trial.finish('cam')
    await trial.clock.advance(10_000)
    expect(await trial.played(LIST)).toEqual([a0, a1, 'GAP'])
    await trial.segments([a2])
    expect(await trial.played(LIST)).toEqual([a0, a1, a2])
  })

  test('is ended once by the message of each of its renditions', async () => {
    const trial = await pushed()
    await trial.finish('cam')
    await trial.clock.advance(1_000)
    await trial.finish('cam')
    await trial.clock.advance(9_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, all))
    await trial.clock.advance(1_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, all, END))
    expect(trial.log.filter(({ event }) => event === 'playlist ended')).toHaveLength(1)
  })

  test('is ended although the receiver is restarted meanwhile', async () => {
    const trial = await pushed()
    await trial.finish('cam')
    await trial.restart()
    await trial.clock.advance(10_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, all, END))
    await trial.restart()
    expect(await trial.served(LIST)).toBe(mediaList(0, all, END))
    expect([...trial.journal.entries('e/')]).toEqual([])
  })

  test('is ended in the end when the journal fails for a moment', async () => {
    const trial = await pushed()
    await trial.finish('cam')
    const { commit } = trial.journal
    trial.journal.commit = async () => {
      trial.journal.commit = commit
      throw new Error('disk full')
    }
    await trial.clock.advance(100_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, all, END))
  })

  test('is ended although its server tells a path that is no key of the journal', async () => {
    const trial = await pushed()
    const { entries } = trial.journal
    Object.assign(trial.journal, {
      entries(prefix: string) {
        if (prefix.length > MAX_KEY_BYTES) throw new RangeError('too long')
        return entries(prefix)
      },
    })
    await trial.finish('cam', `${'n'.repeat(3_000)}/cam`)
    await trial.clock.advance(10_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, all, END))
    expect([...trial.journal.entries('e/')]).toEqual([])
  })

  test('is not ended when it goes on at once', async () => {
    const trial = await pushed()
    await trial.finish('cam')
    await trial.clock.advance(6_000)
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [a0, a1, BREAK, a2]))
    await trial.clock.advance(20_000)
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, BREAK, a2]))
  })

  test('goes on after its end: with append_list, and as a new run', async () => {
    const trial = await pushed()
    const watch = new PlaylistWatch()
    const look = async () => watch.observe((await trial.served(LIST)) ?? '')
    await trial.finish('cam')
    await trial.clock.advance(10_000)
    expect(await look()).toEqual([])
    await trial.readBack(LIST)
    await trial.segments([a2])
    await trial.put(LIST, mediaList(0, [a0, a1, BREAK, a2]))
    expect(await look()).toEqual([])
    expect(await trial.served(LIST)).toBe(mediaList(0, [a0, a1, BREAK, a2]))
    await trial.finish('cam')
    await trial.clock.advance(10_000)
    expect(await look()).toEqual([])
    await trial.segments([a0], ' anew')
    await trial.put(LIST, mediaList(0, [a0]))
    expect(await look()).toEqual([])
    expect(await trial.played(LIST)).toEqual([`- ${a0} anew`])
    expect(await trial.recorded(LIST)).toEqual([a0, a1, `- ${a2}`, `- ${a0} anew`])
  })

  test.each(['../cam', 'a/b', '', 'x'.repeat(300), 'a\u0001b'])('is told by a name: %j is none', async (streamId) => {
    const trial = await pushed()
    await expect(trial.finish(streamId)).rejects.toMatchObject({ code: 'end-message-invalid' })
  })
})
