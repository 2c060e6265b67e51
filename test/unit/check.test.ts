import { describe, expect, test } from 'vitest'
import { checkPlaylist, MAX_FINDINGS } from '../../src/core/playlist/check.ts'
import { FINDINGS } from '../../src/core/playlist/findings.ts'
import { parsePlaylist } from '../../src/core/playlist/parse.ts'
import { readPlaylist } from '../../src/core/playlist/read.ts'
import { scanLines } from '../../src/core/playlist/scan.ts'
import { codeOf } from '../support/code-of.ts'

const HEAD = ['#EXTM3U', '#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:0']
const good = ['#EXTINF:2.0,', 'a.ts']
const tooLong = ['#EXTINF:9.0,', 'a.ts']
const ranged = (range: string, uri: string) => ['#EXTINF:2.0,', `#EXT-X-BYTERANGE:${range}`, uri]
const findingsOf = (...lines: readonly string[]) => readPlaylist([...HEAD, ...lines]).findings
const codesOf = (...lines: readonly string[]) => findingsOf(...lines).map(({ line, code }) => `${line} ${code}`)

test('the table: each code has a section of RFC 8216bis and a sentence', () => {
  for (const { section, text } of Object.values(FINDINGS)) {
    expect(section).toMatch(/^(?:4\.[1-4](?:\.\d)*|8)$/)
    expect(text).toMatch(/^[A-Z].*\.$/)
  }
})

describe('findings', () => {
  test('say where, how bad, and by which section', () => {
    expect(findingsOf(...good, ...tooLong, '#EXT-X-KEY:URI="k.key"', ...good)).toEqual([
      { code: 'target-duration-exceeded', line: 7, severity: 'warning', section: '4.4.3.1' },
      { code: 'key-method-missing', line: 9, severity: 'error', section: '4.4.4.4' },
    ])
  })

  test('P6: are at most so many, sorted by line, and no warning crowds out an error', () => {
    const warnings = Array.from({ length: 2 * MAX_FINDINGS }, () => tooLong).flat()
    const findings = findingsOf(...warnings, '#EXT-X-MAP:URI="i"', 'no-duration.ts', '#EXT-X-BITRATE:x', ...warnings)
    expect(findings).toHaveLength(MAX_FINDINGS)
    expect(findings.at(-1)?.code).toBe('extinf-missing')
    expect(findings.map(({ line }) => line)).toEqual(findings.map(({ line }) => line).toSorted((a, b) => a - b))
  })
})

describe('two readings of one playlist', () => {
  const lines = [...HEAD, ...good, '#EXT-X-DISCONTINUITY', ...ranged('10@0', 'b.ts'), '#EXT-X-ENDLIST']
  const scanned = scanLines(lines)
  const parsed = parsePlaylist(lines)
  const [first, second] = parsed.entries
  if (first === undefined || second === undefined) throw new Error('two entries are written')

  test('that agree are no finding', () => {
    expect(checkPlaylist(scanned, parsed)).toEqual([])
  })

  test.each([
    ['an entry less', 1, { entries: [first] }],
    ['another number', 1, { mediaSequence: 1 }],
    ['no end', 1, { hasEndlist: false }],
    ['another URI', 6, { entries: [{ ...first, uri: 'b.ts' }, second] }],
    ['another range', 10, { entries: [first, { ...second, byteRange: { start: 0, end: 11 } }] }],
    ['no range', 10, { entries: [first, { ...second, byteRange: undefined }] }],
    ['no discontinuity', 10, { entries: [first, { ...second, isDiscontinuity: false }] }],
  ])('that differ are an error: %s', (_what, line, change) => {
    const findings = checkPlaylist(scanned, { ...parsed, ...change })
    expect(findings).toEqual([{ code: 'readings-differ', line, severity: 'error', section: '4.1' }])
  })

  test('of a multivariant playlist have the same variants', () => {
    const variants = ['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=1', 'a.m3u8', '#EXT-X-STREAM-INF:BANDWIDTH=2', ' b.m3u8']
    const read = parsePlaylist(variants)
    expect(checkPlaylist(scanLines(variants), read)).toEqual([])
    const other = { ...read, variants: read.variants.with(1, { uri: 'c.m3u8', bandwidth: 2 }) }
    expect(checkPlaylist(scanLines(variants), other).map(({ code }) => code)).toEqual(['readings-differ'])
    const fewer = { ...read, variants: read.variants.slice(1) }
    expect(checkPlaylist(scanLines(variants), fewer).map(({ code }) => code)).toEqual(['readings-differ'])
  })
})

describe('the tail of a list whose beginning is known', () => {
  const tail = [...HEAD, ...ranged('10', 'a.ts'), ...ranged('20', 'a.ts')]
  const skipped = (uri: string) => ({ entries: 3, rangeEnd: { uri, end: 700 } })

  test('goes on from the byte range before it', () => {
    const { scanned, findings } = readPlaylist(tail, skipped('a.ts'))
    expect(findings).toEqual([])
    expect(scanned.entries.map(({ range }) => range)).toEqual([
      { start: 700, end: 710 },
      { start: 710, end: 730 },
    ])
  })

  test('not from one of another URI, nor from none', () => {
    expect(readPlaylist(tail, skipped('b.ts')).findings).toMatchObject([{ code: 'byterange-offset-missing', line: 6 }])
    expect(readPlaylist(tail).findings).toMatchObject([{ code: 'byterange-offset-missing', line: 6 }])
  })
})

describe('real encoders are not refused', () => {
  test.each([
    ['a segment above the target duration', tooLong, 'target-duration-exceeded'],
    ['a list that needs a higher version', ['#EXT-X-MAP:URI="i.mp4"', ...good], 'version-too-low'],
    ['a segment that never came', [...good, '#EXTINF:2.0,'], 'tag-dangling'],
    ['a date of another kind', ['#EXT-X-PROGRAM-DATE-TIME:1795373536', ...good], 'date-time-invalid'],
  ])('%s', (_what, lines, code) => {
    expect(findingsOf(...lines)).toMatchObject([{ code, severity: 'warning' }])
  })

  test.each([
    ['a discontinuity among the own tags', ['#EXT-X-DISCONTINUITY', '#EXT-X-INDEPENDENT-SEGMENTS', ...good]],
    ['a date behind EXTINF', ['#EXTINF:2.0,', '#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:43:06.630+0000', 'a.ts']],
    ['one URI twice', [...good, ...good]],
    ['no segment yet', []],
    ['white space around values', ['#EXTINF: 2.0 ,', ' a.ts ', '#EXT-X-KEY: METHOD=NONE', ...good]],
  ])('%s', (_what, lines) => {
    expect(codesOf(...lines)).toEqual([])
  })
})

test('nothing escapes as another error: what cannot be parsed is playlist-invalid', () => {
  expect(codeOf(() => readPlaylist(['#EXTM3U', '#EXT-X-STREAM-INF:,']))).toBe('playlist-invalid')
  expect(codeOf(() => readPlaylist(['#EXTM3U', '#EXT-X-MEDIA:TYPE=__proto__']))).toBe('playlist-invalid')
})
