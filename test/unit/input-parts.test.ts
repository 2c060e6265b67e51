import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JobError } from '../../src/core/jobs/job.ts'
import type { InputPart } from '../../src/core/making/order.ts'
import { inputParts } from '../support/input-parts.ts'
import { hostileLine, mutatedPlaylist } from '../support/playlist-arbitraries.ts'

const HEAD = ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:2']

/** The parts of a playlist of such lines, which lies in a folder. */
function partsOf(...lines: readonly string[]): readonly InputPart[] {
  const text = [...HEAD, ...lines, '#EXT-X-ENDLIST'].map((line) => `${line}\n`).join('')
  return inputParts('sub/cam.m3u8', new TextEncoder().encode(text))
}

const names = (parts: readonly InputPart[]) => parts.map(({ files }) => files.map(({ stored }) => stored))
const failing = (...lines: readonly string[]) => {
  try {
    return partsOf(...lines)
  } catch (error) {
    if (!(error instanceof JobError)) throw error
    expect(error.retryable).toBe(false)
    return error.code
  }
}

describe('where parts begin', () => {
  test('at each discontinuity, and with each other MAP, not with the same again', () => {
    const parts = partsOf(
      ...['#EXT-X-MAP:URI="i.mp4"', '#EXTINF:2,', 'a.m4s', '#EXTINF:1.5,', 'b.m4s'],
      ...['#EXT-X-MAP:URI="j.mp4"', '#EXTINF:2,', 'c.m4s', '#EXT-X-MAP:URI="j.mp4"', '#EXTINF:2,', 'd.m4s'],
      ...['#EXT-X-DISCONTINUITY', '#EXTINF:2,', 'e.m4s'],
    )
    expect(names(parts)).toEqual([['sub/a.m4s', 'sub/b.m4s'], ['sub/c.m4s', 'sub/d.m4s'], ['sub/e.m4s']])
    expect(parts.map(({ init }) => init?.stored)).toEqual(['sub/i.mp4', 'sub/j.mp4', 'sub/j.mp4'])
    expect(parts.map(({ seconds }) => seconds)).toEqual([3.5, 4, 2])
  })

  test.each([
    ['700@0', '700@9000'],
    ['700@0', '800@0'],
    ['9700@0', '700@9000'],
  ])('another part of the same file is another MAP: %s and %s', (one, other) => {
    const map = (range: string) => `#EXT-X-MAP:URI="all.mp4",BYTERANGE="${range}"`
    const parts = partsOf(map(one), '#EXTINF:2,', 'a.m4s', map(other), '#EXTINF:2,', 'b.m4s')
    const written = parts.map(({ init }) => init?.range && `${init.range.end - init.range.start}@${init.range.start}`)
    expect(written).toEqual([one, other])
  })
})

describe('holes', () => {
  test('have seconds and no file', () => {
    const parts = partsOf('#EXTINF:2,', 'a.ts', '#EXTINF:2,', '#EXT-X-GAP', 'b.ts', '#EXTINF:2,', 'c.ts')
    expect(names(parts)).toEqual([['sub/a.ts', 'sub/c.ts']])
    expect(parts[0]?.seconds).toBe(6)
  })

  test('before the first file of a part they belong to it, behind the last one too', () => {
    const hole = ['#EXTINF:2,', '#EXT-X-GAP', 'b.ts']
    const parts = partsOf(
      ...hole,
      ...['#EXTINF:2,', 'a.ts', ...hole, '#EXT-X-DISCONTINUITY', ...hole, ...hole, '#EXTINF:2,', 'c.ts'],
    )
    expect(names(parts)).toEqual([['sub/a.ts'], ['sub/c.ts']])
    expect(parts.map(({ seconds }) => seconds)).toEqual([6, 6])
  })

  test('what they name need not be ours', () => {
    const parts = partsOf('#EXTINF:2,', '#EXT-X-GAP', 'https://example.com/b.ts', '#EXTINF:2,', 'a.ts')
    expect(names(parts)).toEqual([['sub/a.ts']])
  })

  test('alone they are nothing', () => {
    expect(partsOf('#EXTINF:2,', '#EXT-X-GAP', 'b.ts')).toEqual([])
    expect(partsOf()).toEqual([])
  })
})

test('byte ranges without an offset go on where the one before ended', () => {
  const parts = partsOf(
    ...['#EXTINF:2,', '#EXT-X-BYTERANGE:100@50', 'a.ts', '#EXTINF:2,', '#EXT-X-BYTERANGE:70', 'a.ts'],
    ...['#EXTINF:2,', 'b.ts'],
  )
  expect(parts[0]?.files).toEqual([
    { stored: 'sub/a.ts', range: { start: 50, end: 150 } },
    { stored: 'sub/a.ts', range: { start: 150, end: 220 } },
    { stored: 'sub/b.ts' },
  ])
})

describe('keys', () => {
  const AES = '#EXT-X-KEY:METHOD=AES-128,URI="k%20one.key"'
  const zeros = (end: string) => end.padStart(32, '0')

  test('the vector is the number of the entry where none is written, else that', () => {
    const parts = partsOf(
      ...['#EXT-X-MEDIA-SEQUENCE:254', AES, '#EXTINF:2,', 'a.ts', '#EXTINF:2,', '#EXT-X-GAP', 'x.ts', '#EXTINF:2,'],
      ...['b.ts', `${AES},IV=0xABC`, '#EXTINF:2,', 'c.ts', '#EXT-X-KEY:METHOD=NONE', '#EXTINF:2,', 'd.ts'],
    )
    expect(parts[0]?.files.map(({ key }) => key)).toEqual([
      { stored: 'sub/k one.key', iv: zeros('fe') },
      { stored: 'sub/k one.key', iv: zeros('100') },
      { stored: 'sub/k one.key', iv: zeros('abc') },
      undefined,
    ])
  })

  test('a MAP has the one that stands before it, and none of those behind it', () => {
    const map = '#EXT-X-MAP:URI="i.mp4"'
    const before = partsOf(`${AES},IV=0x1`, map, '#EXTINF:2,', 'a.m4s')
    expect(before[0]?.init).toEqual({ stored: 'sub/i.mp4', key: { stored: 'sub/k one.key', iv: zeros('1') } })
    const behind = partsOf(map, `${AES},IV=0x1`, '#EXTINF:2,', 'a.m4s')
    expect(behind[0]?.init).toEqual({ stored: 'sub/i.mp4' })
  })

  test('of the formats that a key is told in, the one that needs no player', () => {
    const other = '#EXT-X-KEY:METHOD=AES-128,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery"'
    const parts = partsOf(other, AES, '#EXTINF:2,', 'a.ts')
    expect(parts[0]?.files[0]?.key?.stored).toBe('sub/k one.key')
    expect(failing(other, '#EXTINF:2,', 'a.ts')).toBe('input-encrypted')
  })

  test.each([
    'METHOD=SAMPLE-AES,URI="k"',
    'METHOD=SAMPLE-AES-CTR,URI="k"',
    'METHOD=AES-128',
    'URI="k"',
    'METHOD=AES-128,URI="k",IV=0x',
  ])('%s cannot be decrypted', (attributes) => {
    expect(failing(`#EXT-X-KEY:${attributes}`, '#EXTINF:2,', 'a.ts')).toBe('input-encrypted')
  })

  test('a key of elsewhere is not asked for', () => {
    expect(failing('#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/1"', '#EXTINF:2,', 'a.ts')).toBe(
      'input-foreign',
    )
  })
})

describe('URIs', () => {
  test.each([
    ['a%20b.ts', 'sub/a b.ts'],
    ['deep/a.ts', 'sub/deep/a.ts'],
    ['../a.ts', 'a.ts'],
    ['%E2%82%AC%3F.ts', 'sub/€?.ts'],
    ['100%.ts', 'sub/100%.ts'],
  ])('%s is %s', (uri, stored) => {
    expect(names(partsOf('#EXTINF:2,', uri))).toEqual([[stored]])
  })

  test.each([
    ...['https://example.com/a.ts', 'http://127.0.0.1:1/a.ts', '//example.com/a.ts', '/live/streams/a.ts'],
    ...['file:///etc/passwd', 'data:video/mp2t;base64,AAAA', 'concat:a.ts|b.ts', 'a.ts?token=1', 'a.ts#x'],
    ...[
      '../../a.ts',
      '..%2f..%2fa.ts',
      '%2e%2e/a.ts',
      '.',
      '..',
      './a.ts',
      'a//b.ts',
      '..%5ca.ts',
      'a%00.ts',
      'x/%2e/a.ts',
    ],
  ])('%s leads elsewhere', (uri) => {
    expect(failing('#EXTINF:2,', uri)).toBe('input-foreign')
  })
})

test('what is no playlist is told so', () => {
  for (const text of ['', 'no playlist\n', '#EXTM3U\n#EXTINF:2,\na.ts', '#EXTM3U\n\xff\n']) {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
    expect(() => inputParts('cam.m3u8', bytes)).toThrow(expect.objectContaining({ code: 'input-invalid' }))
  }
})

describe('whatever it is given', () => {
  const SAFE = /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\\p{Cc}]+$/u

  const check = (playlist: string, text: string) => {
    let parts: readonly InputPart[]
    try {
      parts = inputParts(playlist, new TextEncoder().encode(text))
    } catch (error) {
      expect(error).toBeInstanceOf(JobError)
      return 0
    }
    for (const { init, files, seconds } of parts) {
      expect(files.length).toBeGreaterThan(0)
      expect(Number.isFinite(seconds) && seconds >= 0).toBe(true)
      for (const { stored, key, range } of init === undefined ? files : [init, ...files]) {
        for (const name of key === undefined ? [stored] : [stored, key.stored]) expect(name).toMatch(SAFE)
        expect(key?.iv ?? zeros).toMatch(/^[0-9a-f]{32}$/)
        if (range !== undefined) expect(range.start <= range.end).toBe(true)
      }
    }
    return parts.length
  }
  const zeros = '0'.repeat(32)

  test('it finds safe names, or tells in its own way what is wrong', () => {
    let found = 0
    const lines = fc.array(fc.oneof(hostileLine, fc.constantFrom('#EXTINF:2,', 'a.ts', '../b.ts')), { maxLength: 30 })
    const listed = lines.map((all) => ['#EXTM3U', ...all])
    fc.assert(
      fc.property(fc.constantFrom('cam.m3u8', 'a/b/cam.m3u8'), fc.oneof(listed, mutatedPlaylist), (playlist, all) => {
        found += check(playlist, all.map((line) => `${line}\n`).join(''))
      }),
      { numRuns: 3_000 },
    )
    expect(found).toBeGreaterThan(300)
  })
})
