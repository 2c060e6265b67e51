import { expect, test } from 'vitest'
import { CpuWait } from '../../src/testing/cpu-wait.ts'

const BLOCKED_MS = 400

/** Readings at these times, in ms, each with all that was waited so far. */
function waitOf(...readings: readonly (readonly [at: number, waitedMs: number])[]): CpuWait {
  const left = readings.map(([at, waitedMs]) => ({ at, waitedMs }))
  const wait = new CpuWait(() => left.shift() ?? { at: 0, waitedMs: 0 })
  for (const _ of readings) wait.note()
  return wait
}

test('what was waited before the first reading, or outside of the asked time, is not counted', () => {
  const wait = waitOf([1_000, 700], [1_100, 760], [1_200, 760], [1_300, 850])
  expect(wait.during(0, 2_000)).toBe(150)
  expect(wait.during(1_100, 1_200)).toBe(0)
  expect(wait.during(1_200, 2_000)).toBe(90)
  expect(wait.during(2_000, Number.POSITIVE_INFINITY)).toBe(0)
})

test('no more is counted than there was time', () => {
  expect(waitOf([1_000, 0], [1_100, 60]).during(1_080, 1_090)).toBe(10)
})

test('a thread that is blocked does not wait for a CPU', () => {
  const wait = new CpuWait()
  const from = Date.now()
  wait.note()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS)
  wait.note()
  expect(Date.now() - from).toBeGreaterThanOrEqual(BLOCKED_MS - 1)
  expect(wait.during(from, Date.now())).toBeLessThan(BLOCKED_MS / 2)
})
