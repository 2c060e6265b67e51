import { describe, expect, test } from 'vitest'
import { MULTIVARIANT_WAIT_MS } from '../../src/core/limits.ts'
import { mediaList, Trial } from '../support/trial.ts'

const MASTER = 'master.m3u8'
const list = (...lines: readonly string[]) => `${['#EXTM3U', '#EXT-X-VERSION:6', ...lines].join('\n')}\n`
const variant = (uri: string, more = '') => `#EXT-X-STREAM-INF:BANDWIDTH=800000${more}\n${uri}`
const rendition = (type: string, uri: string, group = 'g') =>
  `#EXT-X-MEDIA:TYPE=${type},GROUP-ID="${group}",NAME="${uri}",URI="${uri}"`
const iFrames = (uri: string) => `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=80000,URI="${uri}"`

/** Uploads media playlists, each with a segment of its own, so that they are served. */
async function publish(trial: Trial, ...playlists: readonly string[]): Promise<void> {
  for (const name of playlists) {
    const segment = name.replace('.m3u8', '0.ts')
    await trial.put(segment, segment)
    await trial.put(name, mediaList(0, [segment.slice(segment.lastIndexOf('/') + 1)]))
  }
}

/** What is served of a multivariant playlist when these media playlists are, and the rest was waited for long enough. */
async function servedWith(playlists: readonly string[], text: string, name = MASTER): Promise<string | undefined> {
  const trial = new Trial()
  await publish(trial, ...playlists)
  await trial.put(name, text)
  await trial.clock.advance(MULTIVARIANT_WAIT_MS)
  return trial.served(name)
}

describe('P2: a variant', () => {
  test('is there when its playlist is served, not when it was only uploaded', async () => {
    const trial = new Trial()
    await trial.put('a.m3u8', mediaList(0, ['a0.ts']))
    await trial.put(MASTER, list(variant('a.m3u8')))
    await trial.clock.advance(2 * MULTIVARIANT_WAIT_MS)
    expect(await trial.served(MASTER)).toBeUndefined()
    await trial.put('a0.ts', 'a0')
    expect(await trial.served(MASTER)).toBe(list(variant('a.m3u8')))
  })

  test('is left out while its playlist is not served, with its tag and with nothing else', async () => {
    const text = list('#EXT-X-INDEPENDENT-SEGMENTS', variant('a.m3u8'), '# of b', variant('b.m3u8'), variant('c.m3u8'))
    expect(await servedWith(['a.m3u8', 'c.m3u8'], text)).toBe(
      list('#EXT-X-INDEPENDENT-SEGMENTS', variant('a.m3u8'), '# of b', variant('c.m3u8')),
    )
  })

  test.each(['', '# a comment', '#EXT-X-UNHEARD-OF'])(
    'is left out with its tag when %j stands between them',
    async (line) => {
      const text = list('#EXT-X-STREAM-INF:BANDWIDTH=1', line, 'lost.m3u8', variant('a.m3u8'))
      const served = (await servedWith(['a.m3u8'], text)) ?? ''
      expect(served.match(/#EXT-X-STREAM-INF/g)).toHaveLength(1)
      expect(served).toContain(variant('a.m3u8'))
    },
  )

  test('is there from the beginning when all are', async () => {
    const trial = new Trial()
    await publish(trial, 'a.m3u8', 'b.m3u8')
    const text = list(variant('a.m3u8'), variant('b.m3u8'))
    await trial.put(MASTER, text)
    expect(await trial.served(MASTER)).toBe(text)
  })
})

describe('P9: a multivariant playlist waits', () => {
  const text = list(variant('a.m3u8'), variant('b.m3u8'))

  test('for its variants, but not longer than it may', async () => {
    const trial = new Trial()
    await publish(trial, 'a.m3u8')
    await trial.put(MASTER, text)
    await trial.clock.advance(MULTIVARIANT_WAIT_MS - 1)
    expect(await trial.served(MASTER)).toBeUndefined()
    await trial.clock.advance(1)
    expect(await trial.served(MASTER)).toBe(list(variant('a.m3u8')))
    await publish(trial, 'b.m3u8')
    expect(await trial.served(MASTER)).toBe(text)
  })

  test('not at all any more when the last one is there', async () => {
    const trial = new Trial()
    await trial.put(MASTER, text)
    await publish(trial, 'a.m3u8')
    expect(await trial.served(MASTER)).toBeUndefined()
    await publish(trial, 'b.m3u8')
    expect(await trial.served(MASTER)).toBe(text)
  })

  test('not anew when it is sent again after each segment', async () => {
    const trial = new Trial()
    await publish(trial, 'a.m3u8')
    for (let sent = 0; sent < 3; sent++) {
      await trial.put(MASTER, text)
      await trial.clock.advance(MULTIVARIANT_WAIT_MS / 3)
    }
    expect(await trial.served(MASTER)).toBe(list(variant('a.m3u8')))
  })

  test('also over a restart of the receiver', async () => {
    const trial = new Trial()
    await publish(trial, 'a.m3u8')
    await trial.put(MASTER, text)
    await trial.restart()
    expect(await trial.served(MASTER)).toBeUndefined()
    await trial.clock.advance(MULTIVARIANT_WAIT_MS)
    expect(await trial.served(MASTER)).toBe(list(variant('a.m3u8')))
    await trial.restart()
    await publish(trial, 'b.m3u8')
    expect(await trial.served(MASTER)).toBe(text)
  })

  test('and the last version counts, while the one before stays served until then', async () => {
    const trial = new Trial()
    await publish(trial, 'a.m3u8')
    await trial.put(MASTER, list(variant('a.m3u8')))
    const newer = list(variant('c.m3u8'))
    await trial.put(MASTER, newer)
    await trial.clock.advance(2 * MULTIVARIANT_WAIT_MS)
    expect(await trial.served(MASTER)).toBe(list(variant('a.m3u8')))
    expect(await trial.readBack(MASTER)).toBe(newer)
    await publish(trial, 'c.m3u8')
    expect(await trial.served(MASTER)).toBe(newer)
  })
})

describe('renditions', () => {
  test('a sound that is missing takes its variant with it, and leaves the others', async () => {
    const text = list(
      rendition('AUDIO', 'lost.m3u8', 'g1'),
      rendition('AUDIO', 'sound.m3u8', 'g2'),
      variant('a.m3u8', ',AUDIO="g1"'),
      variant('b.m3u8', ',AUDIO="g2"'),
    )
    expect(await servedWith(['a.m3u8', 'b.m3u8', 'sound.m3u8'], text)).toBe(
      list(rendition('AUDIO', 'sound.m3u8', 'g2'), variant('b.m3u8', ',AUDIO="g2"')),
    )
  })

  test('one of a group that is missing is left out, and the group stays', async () => {
    const text = list(rendition('AUDIO', 'en.m3u8'), rendition('AUDIO', 'lost.m3u8'), variant('a.m3u8', ',AUDIO="g"'))
    expect(await servedWith(['a.m3u8', 'en.m3u8'], text)).toBe(
      list(rendition('AUDIO', 'en.m3u8'), variant('a.m3u8', ',AUDIO="g"')),
    )
  })

  test.each([
    [',SUBTITLES="g"', ''],
    [',SUBTITLES="g",CODECS="avc1"', ',CODECS="avc1"'],
    [',CLOSED-CAPTIONS=NONE,SUBTITLES="g"', ',CLOSED-CAPTIONS=NONE'],
  ])('subtitles that are missing are taken out of the variant: %s', async (attributes, left) => {
    const text = list(rendition('SUBTITLES', 'lost.m3u8'), variant('a.m3u8', attributes))
    expect(await servedWith(['a.m3u8'], text)).toBe(list(variant('a.m3u8', left)))
  })

  test('without a URI are in the variant, and wait for nothing', async () => {
    const inside = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="g",NAME="main",DEFAULT=YES'
    const captions = '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="cc",INSTREAM-ID="CC1"'
    const text = list(inside, captions, variant('a.m3u8', ',AUDIO="g",CLOSED-CAPTIONS="cc"'))
    const trial = new Trial()
    await publish(trial, 'a.m3u8')
    await trial.put(MASTER, text)
    expect(await trial.served(MASTER)).toBe(text)
  })

  test('I-frame playlists are there when they are served, and are no variants', async () => {
    expect(await servedWith(['a.m3u8'], list(variant('a.m3u8'), iFrames('i.m3u8')))).toBe(list(variant('a.m3u8')))
    const both = list(variant('a.m3u8'), iFrames('i.m3u8'))
    expect(await servedWith(['a.m3u8', 'i.m3u8'], both)).toBe(both)
    expect(await servedWith(['i.m3u8'], both)).toBeUndefined()
  })
})

describe('a variant is found', () => {
  test.each([
    ['in a folder that is named', ['x/a.m3u8'], MASTER, 'x/a.m3u8', 'x/a.m3u8'],
    ['in a folder that is not named', ['x/a.m3u8'], MASTER, 'a.m3u8', 'x/a.m3u8'],
    ['at the root, from a folder', ['a.m3u8'], `x/${MASTER}`, 'a.m3u8', '../a.m3u8'],
    ['in the folder above', ['x/a.m3u8'], `x/y/${MASTER}`, 'a.m3u8', '../a.m3u8'],
    ['by an upload URL', ['x/a.m3u8'], MASTER, 'http://h/live/k/SECRET/hls-upload/x/a.m3u8', 'x/a.m3u8'],
    ['by a query', ['a.m3u8'], MASTER, 'http_upload_hls?cid=SECRET&copy=0&file=a.m3u8', 'a.m3u8'],
    ['by a name with escapes', ['ü.m3u8'], MASTER, '%C3%BC.m3u8', '%C3%BC.m3u8'],
  ])('%s, when it is there first and when it comes later', async (_what, playlists, master, uri, shown) => {
    expect(await servedWith(playlists, list(variant(uri)), master)).toBe(list(variant(shown)))
    const trial = new Trial()
    await trial.put(master, list(variant(uri)))
    await publish(trial, ...playlists)
    expect(await trial.served(master)).toBe(list(variant(shown)))
  })

  test('in no folder when two have one of that name', async () => {
    expect(await servedWith(['x/a.m3u8', 'y/a.m3u8'], list(variant('a.m3u8')))).toBeUndefined()
  })
})

test('P7: players see no upload URL, whatever the tag', async () => {
  const url = 'http://user:pass@h.example/live/k/SECRET/hls-upload'
  const text = list(
    `#EXT-X-SESSION-KEY:METHOD=AES-128,URI="${url}/k.key"`,
    `#EXT-X-SESSION-DATA:DATA-ID="x",URI="${url}/data.json"`,
    rendition('AUDIO', `${url}/sound.m3u8`).replace(/NAME="[^"]*"/, 'NAME="main"'),
    variant(`${url}/a.m3u8`, ',AUDIO="g"'),
    variant(`${url}/lost.m3u8`, ',AUDIO="g"'),
  )
  const served = await servedWith(['a.m3u8', 'sound.m3u8'], text)
  expect(served).toContain('\na.m3u8\n')
  expect(served).not.toMatch(/hls-upload|SECRET|pass/)
})

test('P9: a playlist may become a media playlist, and a multivariant one again', async () => {
  const trial = new Trial()
  await publish(trial, 'a.m3u8', 'b.m3u8', 'c.m3u8')
  const three = list(variant('a.m3u8'), variant('b.m3u8'), variant('c.m3u8'))
  await trial.put('s.m3u8', three)
  await trial.put('s0.ts', 's0')
  await trial.put('s.m3u8', mediaList(0, ['s0.ts']))
  expect(await trial.served('s.m3u8')).toBe(mediaList(0, ['s0.ts']))
  await trial.put('s.m3u8', three)
  expect(await trial.served('s.m3u8')).toBe(three)
})
