import { describe, expect, test } from 'vitest'
import { GAP_MEND_MS, SEAL_AT_ENTRIES } from '../../src/core/limits.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const BREAK = '#EXT-X-DISCONTINUITY'
const MAP = '#EXT-X-MAP:URI="init.mp4"'
const KEY = '#EXT-X-KEY:METHOD=AES-128,URI="a.key"'
const WINDOW = 3
const all = names('a', 4 * SEAL_AT_ENTRIES)

/** Uploads so many segments, each with the list that names the last ones. */
async function push(trial: Trial, count: number, mark = '', tags: readonly string[] = []): Promise<void> {
  for (let length = 1; length <= count; length++) {
    await trial.segments(all.slice(length - 1, length), mark)
    const first = Math.max(0, length - WINDOW)
    await trial.put(LIST, mediaList(first, [...tags, ...all.slice(first, length)]))
  }
}

const marked = (count: number, mark: string) => all.slice(0, count).map((name) => name + mark)

describe('P5: the recording of a stream has', () => {
  test('every segment once and in order, although the list slides', async () => {
    const trial = new Trial()
    await push(trial, 10)
    expect(await trial.recorded(LIST)).toEqual(all.slice(0, 10))
    await trial.restart()
    expect(await trial.recorded(LIST)).toEqual(all.slice(0, 10))
  })

  test('all runs, each with its own bytes and init section, over restarts of the receiver', async () => {
    const trial = new Trial()
    await trial.put('init.mp4', 'init1')
    await push(trial, 6, ' 1', [MAP])
    await trial.put('init.mp4', 'init2')
    await push(trial, 8, ' 2', [MAP])
    await trial.restart()
    await trial.put('init.mp4', 'init3')
    await push(trial, 5, ' 3', [MAP])
    const run = (number: number, count: number) =>
      marked(count, ` ${number}`).map(
        (segment, index) => `${index === 0 && number > 1 ? '- ' : ''}init${number}/${segment}`,
      )
    expect(await trial.recorded(LIST)).toEqual([...run(1, 6), ...run(2, 8), ...run(3, 5)])
  })

  test('a list that only grows and is sealed, and the run after it', async () => {
    const trial = new Trial()
    const count = 3 * SEAL_AT_ENTRIES
    for (let length = 1; length <= count; length++) {
      await trial.segments(all.slice(length - 1, length))
      await trial.put(LIST, mediaList(0, all.slice(0, length)))
      expect(await trial.recorded(LIST)).toEqual(all.slice(0, length))
    }
    await push(trial, 4, ' anew')
    const [first, ...others] = marked(4, ' anew')
    expect(await trial.recorded(LIST)).toEqual([...all.slice(0, count), `- ${first}`, ...others])
  })

  test('a long list that came at once, and slides from then on', async () => {
    const trial = new Trial()
    await trial.segments(all)
    await trial.put(LIST, mediaList(0, all).replace('#EXT-X-VERSION:7', '#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:EVENT'))
    await trial.segments(['b.ts', 'c.ts'])
    await trial.put(LIST, mediaList(5, [...all.slice(5), 'b.ts']))
    await trial.put(LIST, mediaList(all.length, ['b.ts', 'c.ts'], END))
    expect(await trial.recorded(LIST)).toEqual([...all, 'b.ts', 'c.ts'])
  })

  test('a hole that is marked, and filled by a segment that comes when the list has gone on', async () => {
    const trial = new Trial()
    await trial.segments(all.slice(0, 2))
    await trial.put(LIST, mediaList(0, all.slice(0, 3)))
    await trial.segments(all.slice(3, 7))
    for (let length = 4; length <= 7; length++) {
      await trial.clock.advance(3_000)
      await trial.put(LIST, mediaList(length - WINDOW, all.slice(length - WINDOW, length)))
    }
    const withHole = all.slice(0, 7).map((name, index) => (index === 2 ? 'GAP' : name))
    expect(await trial.recorded(LIST)).toEqual(withHole)
    await trial.segments(all.slice(2, 3))
    await trial.clock.advance(3_000)
    expect(await trial.recorded(LIST)).toEqual(all.slice(0, 7))
  })

  test('a hole that stays one when its segment comes so late that it may be of a next run', async () => {
    const trial = new Trial()
    await trial.segments([...all.slice(0, 2), ...all.slice(3, 7)])
    await trial.put(LIST, mediaList(0, all.slice(0, 3)))
    await trial.clock.advance(3_000)
    await trial.put(LIST, mediaList(4, all.slice(4, 7)))
    await trial.clock.advance(GAP_MEND_MS)
    await trial.segments(all.slice(2, 3))
    await trial.clock.advance(3_000)
    expect(await trial.recorded(LIST)).toEqual(['a0.ts', 'a1.ts', 'GAP', 'a3.ts', '- a4.ts', 'a5.ts', 'a6.ts'])
  })

  test('a hole that stays one when the next run brings a file of its name', async () => {
    const trial = new Trial()
    await trial.segments([all[0] ?? '', all[2] ?? ''])
    await trial.put(LIST, mediaList(0, all.slice(0, 3), END))
    await trial.clock.advance(20_000)
    await push(trial, 3, ' anew')
    expect(await trial.recorded(LIST)).toEqual(['a0.ts', 'GAP', 'a2.ts', '- a0.ts anew', 'a1.ts anew', 'a2.ts anew'])
  })
})

test('P2: segments of a key without a vector keep the number that the encoder counted', async () => {
  const trial = new Trial()
  await trial.put('a.key', 'key1')
  await push(trial, 4, ' 1', [KEY])
  await trial.put('a.key', 'key2')
  await push(trial, 3, ' 2', [KEY])
  const ivs = (text: string | undefined) =>
    text?.match(/IV=0x[0-9a-f]{32}/g)?.map((iv) => Number.parseInt(iv.slice(-8), 16))
  expect(ivs(await trial.served(LIST))).toEqual([0, 1, 2])
  expect(ivs(await trial.recordedText(LIST))).toEqual([0, 1, 2, 3, 0, 1, 2])
  expect(await trial.recorded(LIST)).toEqual([
    ...marked(4, ' 1').map((segment) => `key key1/${segment}`),
    ...marked(3, ' 2').map((segment, index) => `${index === 0 ? '- ' : ''}key key2/${segment}`),
  ])
})

test('byte ranges are written out, and a key ends where nothing is encrypted any more', async () => {
  const trial = new Trial()
  await trial.put('a.key', 'key1')
  await trial.put('one.ts', '0123456789')
  const ranges = ['#EXT-X-BYTERANGE:4@0\none.ts', '#EXT-X-BYTERANGE:6\none.ts'].map(
    (lines) => `#EXTINF:2.000000,\n${lines}`,
  )
  await trial.put(LIST, mediaList(0, [KEY, ...ranges]))
  await trial.segments(['a2.ts', 'a3.ts'])
  await trial.put(LIST, mediaList(0, [KEY, ...ranges, '#EXT-X-KEY:METHOD=NONE', 'a2.ts']))
  await trial.put(LIST, mediaList(2, ['a2.ts', 'a3.ts']))
  expect(await trial.recorded(LIST)).toEqual(['key key1/0123', 'key key1/456789', 'a2.ts', 'a3.ts'])
  expect(await trial.recordedText(LIST)).toContain(`#EXT-X-BYTERANGE:6@4\n`)
})

test('P7: a recording tells nothing of where it was uploaded', async () => {
  const trial = new Trial()
  const upload = 'http://ingest.example/live/k/s3cret/hls-upload/'
  const unknown = `#EXT-X-THUMBNAIL:URI="${upload}thumb.jpg?token=1"`
  const map = `#EXT-X-MAP:URI="${upload}init.mp4"`
  await trial.put('init.mp4', 'init')
  await trial.segments(all.slice(0, 2))
  const list = (first: number, count: number) =>
    mediaList(first, [
      map,
      ...all.slice(first, first + count).map((name) => `${unknown}\n#EXTINF:2.000000,\n${upload}${name}`),
    ])
  await trial.put(LIST, list(0, 2))
  await trial.put(LIST, list(1, 2))
  expect(await trial.recorded(LIST)).toEqual(['init/a0.ts', 'init/a1.ts'])
  expect(await trial.recordedText(LIST)).not.toMatch(/s3cret|token|ingest/)
})

test('a recording is a VOD playlist of its own, and names nothing that is not here', async () => {
  const trial = new Trial()
  expect(await trial.recordedText(LIST)).toBeUndefined()
  await trial.put(LIST, mediaList(4, [BREAK, all[0] ?? '']))
  expect(await trial.recordedText(LIST)).toBeUndefined()
  await trial.segments(all.slice(0, 1))
  expect(await trial.recordedText(LIST)).toBe(
    [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-MEDIA-SEQUENCE:4',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      '#EXTINF:2.000000,',
      'a0.ts',
      '#EXT-X-ENDLIST',
      '',
    ].join('\n'),
  )
})
