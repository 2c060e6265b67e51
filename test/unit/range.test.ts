import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRange } from '../../src/http/range.ts'

describe('a Range header against 1,000 bytes (RFC 9110 section 14)', () => {
  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-499', 0, 500],
    ['bytes=500-999', 500, 1000],
    ['bytes=0-', 0, 1000],
    ['bytes=999-', 999, 1000],
    ['bytes=-1', 999, 1000],
    ['bytes=-1000', 0, 1000],
    ['bytes=-5000', 0, 1000],
    ['bytes=900-5000', 900, 1000],
    [`bytes=0-${'9'.repeat(400)}`, 0, 1000],
    [`bytes=-${'9'.repeat(400)}`, 0, 1000],
    ['bytes=007-008', 7, 9],
    ['Bytes=1-2', 1, 3],
  ])('%s', (header, start, end) => {
    expect(parseRange(header, 1_000)).toEqual({ start, end })
  })

  test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=5000-', 'bytes=-0', `bytes=${'9'.repeat(400)}-`])(
    '%s lies outside: 416',
    (header) => {
      expect(parseRange(header, 1_000)).toBeNull()
    },
  )

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-3',
    'bytes=0-1,3-4',
    'bytes=0-1,',
    'bytes=--1',
    'bytes=0x1-2',
    'bytes=1.5-2',
    'bytes=+1-2',
    ' bytes=0-1',
    'items=0-1',
    '0-1',
    'bytes=0-1; x',
    'bytes=0-1\n',
  ])('%j is ignored: the whole file', (header) => {
    expect(parseRange(header, 1_000)).toBeUndefined()
  })

  test('no range of an empty file can be satisfied', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) expect(parseRange(header, 0)).toBeNull()
  })

  test('whatever the header, a range lies inside the file and is not empty', () => {
    const header = fc.oneof(
      fc
        .tuple(fc.option(fc.nat(), { nil: '' }), fc.option(fc.nat(), { nil: '' }))
        .map(([from, to]) => `bytes=${from}-${to}`),
      fc.string({ maxLength: 20 }).map((text) => `bytes=${text}`),
      fc.string({ maxLength: 20 }),
    )
    fc.assert(
      fc.property(header, fc.nat(), (text, size) => {
        const range = parseRange(text, size)
        if (range === null || range === undefined) return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeLessThanOrEqual(size)
        expect(range.end).toBeGreaterThan(range.start)
      }),
      { numRuns: 2_000 },
    )
  })
})
