import { describe, expect, test } from 'vitest'
import { reducedPlaylist } from '../../src/core/storing/reduced-playlist.ts'

const HEAD = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n'
const entry = (uri: string) => `#EXTINF:2.0,\n${uri}\n`
const reduce = (text: string, ...missing: string[]) => reducedPlaylist(text, (uri) => missing.includes(uri))

test('a playlist whose names are all there stays as it is, byte for byte', () => {
  const text = `${HEAD}\n# a comment\n${entry('a.ts')}#EXT-X-DATERANGE:ID="x"\n${entry('b.ts')}#EXT-X-ENDLIST\n`
  expect(reduce(text, 'c.ts')).toEqual({ text, isWhole: true })
})

test('an entry that is missing in the middle is a hole; its URI and duration stay', () => {
  const text = HEAD + entry('a.ts') + entry('b.ts') + entry('c.ts')
  expect(reduce(text, 'b.ts')).toEqual({
    text: `${HEAD}${entry('a.ts')}#EXTINF:2.0,\n#EXT-X-GAP\nb.ts\n${entry('c.ts')}`,
    isWhole: false,
  })
})

test('what is missing at the end is left out, with all that follows', () => {
  const text = `${HEAD}${entry('a.ts')}#EXT-X-DISCONTINUITY\n${entry('b.ts')}${entry('c.ts')}#EXT-X-ENDLIST\n`
  expect(reduce(text, 'b.ts', 'c.ts')).toEqual({ text: HEAD + entry('a.ts'), isWhole: false })
})

test('a hole that was there stays, and counts as here', () => {
  const text = `${HEAD}#EXTINF:2.0,\n#EXT-X-GAP\na.ts\n${entry('b.ts')}`
  expect(reduce(text, 'a.ts', 'b.ts')?.text).toBe(`${HEAD}#EXTINF:2.0,\n#EXT-X-GAP\na.ts\n`)
})

test('where every entry is missing nothing can be written', () => {
  expect(reduce(HEAD + entry('a.ts') + entry('b.ts'), 'a.ts', 'b.ts')).toBeUndefined()
})

test('of keys that stand together none may be missing; the next one is for what follows', () => {
  const key = (uri: string) => `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${uri}"\n`
  const text = HEAD + key('a.key') + key('skd://x') + entry('a.ts') + key('b.key') + entry('b.ts')
  const reduced = `${HEAD}${key('a.key')}${key('skd://x')}#EXTINF:2.0,\n#EXT-X-GAP\na.ts\n${key('b.key')}${entry('b.ts')}`
  expect(reduce(text, 'a.key')).toEqual({ text: reduced, isWhole: false })
  expect(reduce(text, 'skd://x')).toEqual({ text: reduced, isWhole: false })
})

test('a list without entries is whole', () => {
  expect(reduce(HEAD, 'a.ts')).toEqual({ text: HEAD, isWhole: true })
})

describe.each([
  ['MAP', '#EXT-X-MAP:URI="x1"\n', '#EXT-X-MAP:URI="x2"\n'],
  ['KEY', '#EXT-X-KEY:METHOD=AES-128,URI="x1"\n', '#EXT-X-KEY:METHOD=AES-128,URI="x2"\n'],
])('a %s that is missing', (_what, first, second) => {
  const text = `${HEAD}${first}${entry('a.ts')}${entry('b.ts')}${second}${entry('c.ts')}`
  const gap = (uri: string) => `#EXTINF:2.0,\n#EXT-X-GAP\n${uri}\n`

  test('makes a hole of each entry that it holds for', () => {
    expect(reduce(text, 'x1')?.text).toBe(`${HEAD}${first}${gap('a.ts')}${gap('b.ts')}${second}${entry('c.ts')}`)
  })

  test('ends the list where only such entries follow', () => {
    expect(reduce(text, 'x2')?.text).toBe(`${HEAD}${first}${entry('a.ts')}${entry('b.ts')}`)
  })
})

test('a partial segment that is missing is left out alone', () => {
  const part = '#EXT-X-PART:DURATION=0.5,URI="p1"\n'
  expect(reduce(HEAD + part + entry('a.ts'), 'p1')).toEqual({ text: HEAD + entry('a.ts'), isWhole: false })
})

describe('a multivariant playlist', () => {
  const variant = (uri: string) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${uri}\n`
  const media = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio.m3u8"\n'
  const text = `#EXTM3U\n${media}${variant('one.m3u8')}${variant('two.m3u8')}#EXT-X-SESSION-DATA:DATA-ID="x",VALUE="y"\n`

  test('leaves out the variants and renditions that are not there, and nothing else', () => {
    expect(reduce(text, 'one.m3u8')?.text).toBe(text.replace(variant('one.m3u8'), ''))
    expect(reduce(text, 'two.m3u8')?.text).toBe(text.replace(variant('two.m3u8'), ''))
    expect(reduce(text, 'audio.m3u8')?.text).toBe(text.replace(media, ''))
  })

  test('is nothing without any variant', () => {
    expect(reduce(text, 'one.m3u8', 'two.m3u8')).toBeUndefined()
  })
})
