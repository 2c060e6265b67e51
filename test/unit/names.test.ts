import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatName, mayBelongTo, type NameParts, parseName, withSuffix } from '../../src/core/names.ts'
import { fileOfStream, nameParts, streamId } from '../support/name-arbitraries.ts'

/** Far more than a linear pass over 100 KB takes, far less than a quadratic one. */
const LINEAR_MS = 250
const LONG = 100_000

const EXAMPLES: readonly [string, NameParts][] = [
  ['stream123.m3u8', { stream: 'stream123', extension: 'm3u8' }],
  ['stream123_360p800kbps0001.ts', { stream: 'stream123', height: 360, bitrate: 800, number: '0001', extension: 'ts' }],
  ['teststream000001013.ts', { stream: 'teststream', number: '000001013', extension: 'ts' }],
  ['teststream000000001.ts', { stream: 'teststream', number: '000000001', extension: 'ts' }],
  ['stream1_240p500kbps.webm', { stream: 'stream1', height: 240, bitrate: 500, extension: 'webm' }],
  [
    'stream1-2026-11-22_18-00-00.123000000001.ts',
    { stream: 'stream1', dateTime: '2026-11-22_18-00-00.123', number: '000000001', extension: 'ts' },
  ],
  [
    'stream1-2026-11-22_18-00-00.123_360p800kbps000000001.fmp4',
    {
      stream: 'stream1',
      dateTime: '2026-11-22_18-00-00.123',
      height: 360,
      bitrate: 800,
      number: '000000001',
      extension: 'fmp4',
    },
  ],
  [
    'stream1-2026-11-22_18-00-00.123_init.mp4',
    { stream: 'stream1', dateTime: '2026-11-22_18-00-00.123', role: 'init', extension: 'mp4' },
  ],
  [
    'stream1_720p_1795374606123_init.mp4',
    { stream: 'stream1', height: 720, initMillis: '1795374606123', role: 'init', extension: 'mp4' },
  ],
  ['stream1_adaptive.m3u8', { stream: 'stream1', role: 'adaptive', extension: 'm3u8' }],
  ['live_stream1-2026-11-22_19-31-52.ts', { stream: 'live_stream1', dateTime: '2026-11-22_19-31-52', extension: 'ts' }],
  ['cam12000000001.ts', { stream: 'cam12', number: '000000001', extension: 'ts' }],
  ['cam120001.ts', { stream: 'cam12', number: '0001', extension: 'ts' }],
  ['stream10.ts', { stream: 'stream', number: '10', extension: 'ts' }],
  ['cam_800kbps7.m4s', { stream: 'cam', bitrate: 800, number: '7', extension: 'm4s' }],
  ['cam2.m3u8', { stream: 'cam2', extension: 'm3u8' }],
  ['000000001.ts', { stream: '000000001', extension: 'ts' }],
  ['_360p.m3u8', { stream: '_360p', extension: 'm3u8' }],
  ['cam_0360p.m3u8', { stream: 'cam_0360p', extension: 'm3u8' }],
  ['init.mp4', { stream: 'init', extension: 'mp4' }],
  ['cam.TS', { stream: 'cam', extension: 'ts' }],
  ['noextension', { stream: 'noextension', extension: '' }],
  ['.ts', { stream: '', extension: 'ts' }],
  ['', { stream: '', extension: '' }],
]

const anyText = fc.string({ unit: 'binary', maxLength: 300 })
const nearlyName = fc
  .array(
    fc.constantFrom(
      'cam',
      '1',
      '0',
      '00000001',
      '_',
      '-',
      '.',
      'p',
      'kbps',
      '360',
      '_360p',
      '-2026-11-22_18-00-00',
      '.123',
      '_init',
      '_adaptive',
      'é',
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''))
const extension = fc.constantFrom('ts', 'm3u8', 'mp4', 'm4s', 'key', 'webm', 'x')

describe('names: one grammar, read and written', () => {
  test.each(EXAMPLES)('%s is taken apart as AMS and ffmpeg mean it', (name, parts) => {
    expect(parseName(name)).toEqual(parts)
  })

  test('any text is read, and written back as it was', () => {
    const names = fc.tuple(fc.oneof(anyText, nearlyName), extension).map(([stem, ending]) => `${stem}.${ending}`)
    fc.assert(
      fc.property(names, (name) => {
        expect(formatName(parseName(name))).toBe(name)
      }),
      { numRuns: 3_000 },
    )
  })

  test('names without an extension, and with an upper-case one, are read too', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearlyName), (name) => {
        expect(formatName(parseName(name)).toLowerCase()).toBe(name.toLowerCase())
      }),
    )
  })

  test('what was written from parts is read as the same parts', () => {
    fc.assert(
      fc.property(nameParts, (parts) => {
        expect(parseName(formatName(parts))).toEqual(parts)
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    '0',
    '7',
    '_',
    '-',
    '_1',
    '_1p',
    '_360p1kbps',
    '-2026-11-22_18-00-00',
    '-2026-11-22_18-00-00.1230',
    '_init',
    '_1795374606123',
    '.',
    'a',
  ])('P6: 100 KB of %s cost linear time', (piece) => {
    const long = piece.repeat(LONG / piece.length)
    const began = performance.now()
    for (const name of [
      `${long}.ts`,
      `cam${long}x.ts`,
      `cam_1p${long}x.mp4`,
      `${long}_init.mp4`,
      `cam-2026-11-22_18-00-00${long}x.ts`,
    ]) {
      expect(formatName(parseName(name))).toBe(name)
      mayBelongTo(name, 'cam')
    }
    expect(performance.now() - began).toBeLessThan(LINEAR_MS)
  })

  test('a suffix goes before the extension', () => {
    expect(withSuffix('cam000000001.ts', 2)).toBe('cam000000001_2.ts')
    expect(withSuffix('noextension', 1)).toBe('noextension_1')
    expect(withSuffix('a.b.TS', 1)).toBe('a.b_1.TS')
  })
})

describe('P7: a name tells whose it may be', () => {
  test('every file of a stream may belong to it, however its number is written', () => {
    fc.assert(
      fc.property(fileOfStream, (parts) => {
        expect(mayBelongTo(formatName(parts), parts.stream)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  test('a segment with a nine-digit number belongs to one stream only', () => {
    const numbered = nameParts.map((parts): NameParts => {
      const { role: _role, initMillis: _millis, ...rest } = parts
      return { ...rest, number: '000000017', extension: 'ts' }
    })
    fc.assert(
      fc.property(numbered, streamId, (parts, other) => {
        fc.pre(other !== parts.stream)
        expect(mayBelongTo(formatName(parts), other)).toBe(false)
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    ['cam1', 'cam12.m3u8'],
    ['cam1', 'cam12000000001.ts'],
    ['cam1', 'cam.m3u8'],
    ['cam1', 'cam1b.m3u8'],
    ['cam1', 'cam1-north.m3u8'],
    ['cam1', 'xcam1.m3u8'],
    ['cam1', 'Cam1.m3u8'],
    ['cam1', 'cam1800kbps.m3u8'],
    ['cam1', 'cam12_360p.m3u8'],
    ['cam1', 'cam12-2026-11-22_18-00-00.123000000001.ts'],
    ['cam1', 'cam11000000001.ts'],
    ['cam1', '.m3u8'],
    ['cam1', ''],
    ['', 'cam1.m3u8'],
  ])('%s may not have %s', (stream, name) => {
    expect(mayBelongTo(name, stream)).toBe(false)
  })

  test.each([
    ['cam1', 'cam1.m3u8'],
    ['cam1', 'cam1_adaptive.m3u8'],
    ['cam1', 'cam10.ts'],
    ['cam1', 'cam100001.ts'],
    ['cam1', 'cam1_360p800kbps0001.ts'],
    ['cam1', 'cam1_800kbps360p000000001.ts'],
    ['cam1', 'cam1-2026-11-22_18-00-00.123_1795374606123_init.mp4'],
    ['cam1', 'cam11795374606-000000001.ts'],
    ['cam1', 'cam1.m3u8.key'],
    ['cam1', 'cam1.key'],
    ['cam2000', 'cam20000.ts'],
    ['cam_720p', 'cam_720p.m3u8'],
    ['cam_720p', 'cam_720p000000001.ts'],
    ['cam000000001', 'cam000000001.m3u8'],
    ['cam000000001', 'cam000000001.mp4'],
  ])('%s may have %s', (stream, name) => {
    expect(mayBelongTo(name, stream)).toBe(true)
  })
})
