import { beforeEach, expect, test } from 'vitest'
import { Spool } from '../../src/core/storing/spool.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { FakeClock } from '../support/fake-clock.ts'

let clock: FakeClock
let warnings: number
let spool: Spool

beforeEach(() => {
  clock = new FakeClock()
  warnings = 0
  const log = { info() {}, warn: () => void warnings++, error() {} }
  spool = new Spool(simulatedHost(clock, 0, log), { maxBytes: 1_000, maxAgeMs: 60_000 })
})

const add = (key: string, bytes: number) => spool.add(key, { bytes, acceptedAt: clock.now() })

test('P6: there is room up to the limit in bytes, and again when something is gone', () => {
  add('a', 600)
  add('b', 300)
  expect([spool.hasRoomFor(100), spool.hasRoomFor(101)]).toEqual([true, false])
  spool.delete('a')
  expect(spool.hasRoomFor(700)).toBe(true)
  expect(spool.state).toEqual({ objects: 1, bytes: 300, ageMs: 0 })
})

test('what takes the place of another is counted once', () => {
  add('a', 600)
  add('a', 700)
  expect(spool.state.bytes).toBe(700)
})

test('P6: there is no room while the oldest is too old', async () => {
  add('a', 1)
  await clock.advance(30_000)
  add('b', 1)
  await clock.advance(29_999)
  expect(spool.hasRoomFor(1)).toBe(true)
  await clock.advance(1)
  expect(spool.hasRoomFor(1)).toBe(false)
  spool.delete('a')
  expect(spool.hasRoomFor(1)).toBe(true)
  expect(spool.state.ageMs).toBe(30_000)
})

test('what the store refuses for what it is, or what waits for its stream, is not too old', async () => {
  add('refused', 1)
  spool.add('held', { bytes: 1, acceptedAt: undefined })
  spool.setAside('refused')
  await clock.advance(120_000)
  expect(spool.hasRoomFor(1)).toBe(true)
  expect(spool.state).toEqual({ objects: 2, bytes: 2, ageMs: 0 })
})

test('the log warns once at 85 %, and again after it was below', () => {
  add('a', 849)
  expect(warnings).toBe(0)
  add('b', 1)
  add('c', 1)
  expect(warnings).toBe(1)
  spool.delete('a')
  add('d', 849)
  expect(warnings).toBe(2)
})
