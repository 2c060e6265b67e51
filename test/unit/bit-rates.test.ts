import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bitRates, type MeasuredSegment } from '../../src/core/variants/bit-rates.ts'

const TARGET = 4
const segment = (bytes: number, seconds: number): MeasuredSegment => ({ bytes, seconds })

describe('BANDWIDTH is the largest rate of neighbours that play between 0.5 and 1.5 target durations', () => {
  test.each([
    ['one that is half a target duration', [segment(100, 2), segment(100, 4)], 400],
    ['not one that is shorter', [segment(100, 1.9), segment(100, 4)], (8 * 200) / 5.9],
    ['short ones together', [segment(100, 1), segment(300, 1), segment(300, 1), segment(10, 4)], 2_400],
    ['no more of them than play 1.5 target durations', [segment(1, 4), segment(200, 2), segment(400, 2)], 1_600],
    [
      'no short one and another that play longer together',
      [segment(1_900, 1.9), segment(100, 4.2), segment(1, 100)],
      800 / 4.2,
    ],
    ['one that is longer, by itself', [segment(100, 4), segment(10_000, 20)], 4_000],
    ['none that a hole stands between', [segment(300, 1), undefined, segment(300, 1), segment(300, 4)], 1_200],
    ['all together, where they are shorter', [segment(100, 1), segment(100, 0.5)], (8 * 200) / 1.5],
  ])('%s', (_what, segments, peak) => {
    expect(bitRates(segments, TARGET)?.peak).toBeCloseTo(peak, 6)
  })

  test('and never less than the average', () => {
    const any = fc.record({ bytes: fc.nat(1_000), seconds: fc.double({ min: 0, max: 9, noNaN: true }) })
    fc.assert(
      fc.property(fc.array(fc.option(any, { nil: undefined })), (segments) => {
        const rates = bitRates(segments, TARGET)
        if (rates !== undefined) expect(rates.peak).toBeGreaterThanOrEqual(rates.average)
      }),
    )
  })
})

test('AVERAGE-BANDWIDTH is all bytes in all seconds, without holes', () => {
  expect(bitRates([segment(100, 4), undefined, segment(50, 2)], TARGET)?.average).toBe(200)
  expect(bitRates([undefined], TARGET)).toBeUndefined()
  expect(bitRates([], TARGET)).toBeUndefined()
  expect(bitRates([segment(100, 0)], TARGET)).toBeUndefined()
})
