import { describe, expect, test } from 'vitest'
import { type ParsedPlaylist, parsePlaylist } from '../../src/core/playlist/parse.ts'
import { codeOf } from '../support/code-of.ts'

const parse = (...lines: readonly string[]): ParsedPlaylist => parsePlaylist(['#EXTM3U', ...lines])
const entry = (...lines: readonly string[]) => parse('#EXT-X-TARGETDURATION:6', ...lines, 'a.ts').entries[0]

describe('a media playlist', () => {
  test('its own tags', () => {
    const parsed = parse(
      '#EXT-X-TARGETDURATION: 6',
      '#EXT-X-MEDIA-SEQUENCE:41',
      '#EXT-X-DISCONTINUITY-SEQUENCE:3',
      '#EXT-X-PLAYLIST-TYPE:EVENT',
      '#EXTINF:2,',
      'a.ts',
      '#EXT-X-ENDLIST',
    )
    expect(parsed).toMatchObject({
      targetDuration: 6,
      mediaSequence: 41,
      discontinuitySequence: 3,
      playlistType: 'EVENT',
      hasEndlist: true,
      variants: [],
    })
  })

  test('what it does not say', () => {
    expect(parse()).toEqual({
      targetDuration: undefined,
      mediaSequence: 0,
      discontinuitySequence: 0,
      playlistType: undefined,
      hasEndlist: false,
      entries: [],
      variants: [],
    })
    expect(parse('#EXT-X-PLAYLIST-TYPE:EVENTFUL').playlistType).toBeUndefined()
    expect(parse('#EXT-X-ENDLISTED').hasEndlist).toBe(false)
  })

  test.each([
    ['#EXTINF:2.005333,', 2.005333],
    ['#EXTINF:2', 2],
    ['#EXTINF: 2.5,with, commas', 2.5],
    ['#EXTINF:0,', 0.01],
    ['#EXTINF:-2,', 6],
    ['#EXTINF:nan,', 6],
    ['', 6],
  ])('%j lasts %d s', (line, seconds) => {
    expect(entry('#EXTINF:1,', 'before.ts', line)).toBeDefined()
    expect(parse('#EXT-X-TARGETDURATION:6', '#EXTINF:1,', 'b.ts', line, 'a.ts').entries[1]?.duration).toBe(seconds)
  })

  test.each([
    ['2026-11-22T18:43:06.630+0000', Date.UTC(2026, 10, 22, 18, 43, 6, 630)],
    ['2026-11-22T18:43:06.630Z', Date.UTC(2026, 10, 22, 18, 43, 6, 630)],
    ['2026-11-22T13:43:06-05:00', Date.UTC(2026, 10, 22, 18, 43, 6)],
    ['2026-11-22T13:43:06.000-0500', Date.UTC(2026, 10, 22, 18, 43, 6)],
    ['yesterday', undefined],
    ['', undefined],
  ])('the date %j', (date, ms) => {
    expect(entry('#EXTINF:2,', `#EXT-X-PROGRAM-DATE-TIME:${date}`)?.dateTime).toBe(ms)
  })

  test('an entry without a date of its own has none, although one could be reckoned', () => {
    const dates = ['#EXTINF:2,', '#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:43:06Z', 'a.ts', '#EXTINF:2,', 'b.ts']
    expect(parse(...dates).entries.map(({ dateTime }) => dateTime !== undefined)).toEqual([true, false])
  })

  test('byte ranges and discontinuities', () => {
    const ranges = ['#EXT-X-BYTERANGE:10@5', '#EXT-X-BYTERANGE:20', '', '#EXT-X-BYTERANGE:x']
    const lines = ranges.flatMap((range) => ['#EXTINF:2,', range, 'a.ts'])
    expect(parse(...lines).entries.map(({ byteRange }) => byteRange)).toEqual([
      { start: 5, end: 15 },
      { start: 15, end: 35 },
      undefined,
      undefined,
    ])
    expect(entry('#EXT-X-DISCONTINUITY', '#EXTINF:2,')?.isDiscontinuity).toBe(true)
    expect(entry('#EXT-X-DISCONTINUITY-SEQUENCE:1', '#EXTINF:2,')?.isDiscontinuity).toBe(false)
  })
})

test('a multivariant playlist', () => {
  const parsed = parse(
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=1280000,RESOLUTION=1280x720',
    'low.m3u8',
    '#EXT-X-STREAM-INF:RESOLUTION=1280x720',
    'high.m3u8',
  )
  expect(parsed.entries).toEqual([])
  expect(parsed.variants).toEqual([
    { uri: 'low.m3u8', bandwidth: 1_280_000 },
    { uri: 'high.m3u8', bandwidth: undefined },
  ])
})

describe('what m3u8-parser cannot read is a playlist error, with its own as the cause', () => {
  test.each(['#EXT-X-STREAM-INF:BANDWIDTH', '#EXT-X-STREAM-INF:BANDWIDTH=1,', '#EXT-X-STREAM-INF:,,'])('%s', (line) => {
    expect(codeOf(() => parse(line, 'a.m3u8'))).toBe('playlist-invalid')
    expect(() => parse(line, 'a.m3u8')).toThrow(expect.objectContaining({ cause: expect.any(TypeError) }))
  })
})

test('what would break or slow m3u8-parser, and is not asked for, never gets there', () => {
  const { entries } = parse(
    '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1',
    '#EXT-X-MEDIA:TYPE=SMELL,GROUP-ID="a",NAME="a"',
    '#EXT-X-DATERANGE:ID',
    '#EXT-X-MAP:,',
    '#EXT-X-DEFINE:NAME="a",VALUE="b"',
    '#EXTINF:2,',
    '{$a}.ts',
  )
  expect(entries.map(({ uri }) => uri)).toEqual(['{$a}.ts'])
})
