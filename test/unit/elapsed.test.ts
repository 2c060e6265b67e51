import { expect, test } from 'vitest'
import { earliest, hasPassed } from '../../src/core/elapsed.ts'
import { gate } from '../../src/core/playlist/gate.ts'
import { scanLines } from '../../src/core/playlist/scan.ts'
import { EMPTY_TIMELINE, type TimelineEntry } from '../../src/core/playlist/timeline.ts'

const AWAITED: Omit<TimelineEntry, 'number'> = {
  uri: 'a.ts',
  identity: '',
  dateTime: undefined,
  isDiscontinuity: false,
  isJoint: false,
  namedAt: 1_000,
  segment: undefined,
  shared: [],
}

test('a time has passed when it went by, or the clock went back by as much', () => {
  expect([999, 1_000, 1_001].map((now) => hasPassed(0, 1_000, now))).toEqual([false, true, true])
  expect([2_000, 1_001, 1_000].map((now) => hasPassed(2_000, 1_000, now))).toEqual([false, false, true])
})

test('the earliest of no moments is none', () => {
  expect(earliest([])).toBeUndefined()
  expect(earliest([3, 1, 2])).toBe(1)
})

test('any number of entries may be awaited', () => {
  const entries = Array.from({ length: 200_000 }, (_, number) => ({ ...AWAITED, number }))
  const { wakeAt } = gate({ ...EMPTY_TIMELINE, entries, targetDuration: 2 }, scanLines(['#EXTM3U']), -1, 1_000)
  expect(wakeAt).toBe(3_000)
})
