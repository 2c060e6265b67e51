import { expect, test } from 'vitest'
import { PlaylistWatch, readServed } from '../../src/testing/index.ts'

/** A playlist of entries that are a name, `!` in front of a DISCONTINUITY, `?` in front of a GAP. */
function playlist(first: number, names: string, more: string[] = [], target = 2): string {
  const entries = names
    .split(' ')
    .flatMap((name) => [
      ...(name.includes('!') ? ['#EXT-X-DISCONTINUITY'] : []),
      '#EXTINF:2.000000,',
      ...(name.includes('?') ? ['#EXT-X-GAP'] : []),
      `${name.replace(/[!?]/g, '')}.ts`,
    ])
  const header = ['#EXTM3U', `#EXT-X-TARGETDURATION:${target}`, `#EXT-X-MEDIA-SEQUENCE:${first}`]
  return [...header, ...more, ...entries, ''].join('\n')
}

const END = ['#EXT-X-ENDLIST']

test.each([
  ['grows', playlist(1, 'a b'), playlist(1, 'a b c')],
  ['slides', playlist(1, 'a b'), playlist(2, 'b c')],
  ['jumps forward', playlist(1, 'a b'), playlist(9, 'x !y')],
  ['stays', playlist(1, 'a b'), playlist(1, 'a b')],
  ['ends', playlist(1, 'a b'), playlist(1, 'a b', END)],
  ['goes on after its end', playlist(1, 'a b', END), playlist(1, 'a b !c')],
  ['is mended', playlist(1, 'a ?b c'), playlist(1, 'a b c')],
  ['is mended by another name', playlist(1, 'a ?b'), playlist(1, 'a b_1')],
  ['has another MAP for a GAP', playlist(1, '?a', ['#EXT-X-MAP:URI="i"']), playlist(1, '?a', ['#EXT-X-MAP:URI="j"'])],
  ['slides over a discontinuity', playlist(1, 'a !b'), playlist(3, 'c', ['#EXT-X-DISCONTINUITY-SEQUENCE:1'])],
  ['has a higher target duration', playlist(1, 'a'), playlist(1, 'a', [], 6)],
])('P4 is kept when a playlist %s', (_, before, next) => {
  const watch = new PlaylistWatch()
  expect(watch.observe(before)).toEqual([])
  expect(watch.observe(next)).toEqual([])
})

test.each([
  ['MEDIA-SEQUENCE', playlist(5, 'a b'), playlist(4, 'a b c')],
  ['DISCONTINUITY-SEQUENCE', playlist(5, 'a', ['#EXT-X-DISCONTINUITY-SEQUENCE:2']), playlist(6, 'b')],
  ['TARGETDURATION', playlist(5, 'a', [], 6), playlist(5, 'a')],
  ['the last number', playlist(5, 'a b'), playlist(5, 'a')],
  ['ENDLIST', playlist(1, 'a', END), playlist(1, 'a')],
  ['became a GAP', playlist(1, 'a b'), playlist(1, 'a ?b')],
  ['"uri":"x.ts"', playlist(1, 'a b'), playlist(1, 'x b')],
  ['"uri":"x.ts"', playlist(1, '?a b'), playlist(1, '?x b')],
  ['"map":{"uri":"j"}', playlist(1, 'a', ['#EXT-X-MAP:URI="i"']), playlist(1, 'a', ['#EXT-X-MAP:URI="j"'])],
  ['"range":{"start":0,"end":8}', playlist(1, 'a', ['#EXT-X-BYTERANGE:9']), playlist(1, 'a', ['#EXT-X-BYTERANGE:8'])],
  ['duration 2 became 1', playlist(1, 'a'), playlist(1, 'a').replace('2.000000', '1')],
  ['discontinuity number', playlist(1, 'a !b c'), playlist(3, 'c')],
  ['became a multivariant', playlist(1, 'a'), '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n'],
])('P4 is broken: %s', (what, before, next) => {
  const watch = new PlaylistWatch()
  watch.observe(before)
  expect(watch.observe(next).join('\n')).toContain(what)
})

test('a served playlist is read with implicit byte ranges, maps, keys and gaps', () => {
  const text = [
    '#EXTM3U',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-MAP:URI="init.mp4",BYTERANGE="5@0"',
    '#EXT-X-KEY:METHOD=AES-128,URI="k.key"',
    '#EXTINF:1.5,title',
    '#EXT-X-BYTERANGE:10@5',
    'a.mp4',
    '#EXT-X-BYTERANGE:7',
    '#EXTINF:2,',
    '#EXT-X-GAP',
    'a.mp4',
    '#EXT-X-ENDLIST',
  ].join('\r\n')
  const both = { uri: 'a.mp4', isDiscontinuity: false, map: { uri: 'init.mp4', range: { start: 0, end: 5 } } }
  expect(readServed(text)).toMatchObject({
    kind: 'media',
    hasEndlist: true,
    entries: [
      { ...both, number: 0, duration: 1.5, range: { start: 5, end: 15 }, isGap: false, keyUri: 'k.key' },
      { ...both, number: 1, duration: 2, range: { start: 15, end: 22 }, isGap: true },
    ],
  })
})

test('a multivariant playlist names variants, renditions and I-frame playlists', () => {
  const text = [
    '#EXTM3U',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="n",URI="audio.m3u8"',
    '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",NAME="n"',
    '#EXT-X-STREAM-INF:BANDWIDTH=1',
    'low.m3u8',
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="frames.m3u8"',
  ].join('\n')
  expect(readServed(text)).toMatchObject({
    kind: 'multivariant',
    entries: [],
    variants: ['audio.m3u8', 'low.m3u8', 'frames.m3u8'],
  })
})
