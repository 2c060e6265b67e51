import { beforeEach, describe, expect, test } from 'vitest'
import {
  LIVE_EDGE_MS,
  LIVE_STORE_WRITES,
  MAX_STORE_WRITES,
  STORE_DOWN_FAILURES,
  STORE_PROBE_MS,
  STORE_REFUSED_RETRY_MS,
  STORE_RETRY_MAX_MS,
  STORE_RETRY_MIN_MS,
} from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { StoreQueue } from '../../src/core/storing/store-queue.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { FakeClock, settled } from '../support/fake-clock.ts'

/** How finely pauses are measured, in ms. */
const STEP_MS = 25

let clock: FakeClock
let queue: StoreQueue
let began: string[]
/** Ends the attempts that run, by key. */
let running: Map<string, { succeed(): void; fail(): void }>

beforeEach(() => {
  clock = new FakeClock()
  queue = new StoreQueue(simulatedHost(clock, 0))
  began = []
  running = new Map()
})

function add(key: string, kind: 'object' | 'playlist' = 'object', ageMs = 0): Promise<boolean> {
  const run = () =>
    new Promise<boolean>((resolve, reject) => {
      began.push(key)
      running.set(key, {
        succeed: () => resolve(true),
        fail: () => reject(new Error('planted')),
      })
    })
  return queue.run({ key, kind, acceptedAt: clock.now() - ageMs, run })
}

function addMany(prefix: string, count: number, ageMs = 0): void {
  for (let index = 0; index < count; index++) void add(`${prefix}${index}`, 'object', ageMs)
}

async function end(key: string, how: 'succeed' | 'fail'): Promise<void> {
  const attempt = running.get(key)
  if (attempt === undefined) throw new Error(`${key} does not run`)
  running.delete(key)
  attempt[how]()
  await settled()
}

/** Lets everything that runs fail, again and again, until the store is taken for down. */
async function bringDown(): Promise<void> {
  addMany('lost', STORE_DOWN_FAILURES)
  await settled()
  for (let index = 0; index < STORE_DOWN_FAILURES; index++) await end(`lost${index}`, 'fail')
  expect(queue.isDown).toBe(true)
}

test('P6: no more attempts run at once than may, and the next begins when one ends', async () => {
  addMany('live', MAX_STORE_WRITES + 5)
  await settled()
  expect(began).toHaveLength(MAX_STORE_WRITES)
  await end('live0', 'succeed')
  expect(began).toHaveLength(MAX_STORE_WRITES + 1)
})

test('playlists go before the live edge, the live edge before the backlog, and the oldest of the backlog first', async () => {
  addMany('live', MAX_STORE_WRITES)
  void add('old', 'object', LIVE_EDGE_MS + 1)
  void add('new')
  void add('list', 'playlist')
  await settled()
  for (const key of ['live0', 'live1', 'live2']) await end(key, 'succeed')
  expect(began.slice(MAX_STORE_WRITES)).toEqual(['list', 'new', 'old'])
})

test('P9: the backlog leaves places for the live edge', async () => {
  addMany('old', MAX_STORE_WRITES, LIVE_EDGE_MS + 1)
  await settled()
  expect(began).toHaveLength(MAX_STORE_WRITES - LIVE_STORE_WRITES)
  void add('new')
  await settled()
  expect(began.at(-1)).toBe('new')
})

test('what waits too long for its turn becomes backlog', async () => {
  addMany('busy', MAX_STORE_WRITES)
  void add('first')
  await clock.advance(LIVE_EDGE_MS + 1)
  void add('second')
  await end('busy0', 'succeed')
  await end('busy1', 'succeed')
  expect(began.slice(-2)).toEqual(['second', 'first'])
})

test('a failed attempt is made again, later each time, until it succeeds', async () => {
  const done = add('a')
  const pauses: number[] = []
  for (let tries = 0; tries < STORE_DOWN_FAILURES - 1; tries++) {
    await settled()
    await end('a', 'fail')
    const failedAt = clock.now()
    while (!running.has('a')) await clock.advance(STEP_MS)
    pauses.push(clock.now() - failedAt)
  }
  for (const [index, pause] of pauses.slice(1).entries()) {
    expect(pause).toBeGreaterThanOrEqual(pauses[index] ?? 0)
  }
  expect(pauses[0]).toBeLessThanOrEqual(STORE_RETRY_MIN_MS)
  expect(pauses.at(-1)).toBeGreaterThan(STORE_RETRY_MAX_MS / 2)
  await end('a', 'succeed')
  expect(await done).toBe(true)
})

describe('a store that is down', () => {
  test('gets one attempt at a time, each after a pause', async () => {
    await bringDown()
    addMany('more', 100)
    await settled()
    const before = began.length
    await clock.advance(STORE_RETRY_MAX_MS)
    expect(began).toHaveLength(before + 1)
    await end(began.at(-1) ?? '', 'fail')
    expect(began).toHaveLength(before + 1)
    await clock.advance(STORE_RETRY_MAX_MS)
    expect(began).toHaveLength(before + 2)
  })

  test('gets another attempt while one hangs', async () => {
    await bringDown()
    addMany('more', 100)
    await clock.advance(STORE_RETRY_MAX_MS)
    const before = began.length
    await clock.advance(3 * STORE_PROBE_MS)
    expect(began).toHaveLength(before + 3)
  })

  test('gets everything at once when it is back', async () => {
    await bringDown()
    addMany('more', 10)
    await clock.advance(STORE_RETRY_MAX_MS)
    await end(began.at(-1) ?? '', 'succeed')
    expect(queue.isDown).toBe(false)
    expect(running.size).toBe(10 + STORE_DOWN_FAILURES - 1)
  })

  test('is not found out by an attempt that had nothing to do', async () => {
    await bringDown()
    await clock.advance(STORE_RETRY_MAX_MS)
    await end(began.at(-1) ?? '', 'fail')
    void queue.run({ key: 'nothing', kind: 'playlist', acceptedAt: clock.now(), run: async () => false })
    await clock.advance(STORE_RETRY_MAX_MS)
    expect(queue.isDown).toBe(true)
    expect(running.size).toBe(1)
  })

  test('is not made of failures between which something succeeds', async () => {
    for (let round = 0; round < 3 * STORE_DOWN_FAILURES; round++) {
      void add(`bad${round}`)
      void add(`good${round}`)
      await settled()
      await end(`bad${round}`, 'fail')
      if (round % 2 === 0) await end(`good${round}`, 'succeed')
      expect(queue.isDown).toBe(false)
    }
  })
})

describe('what the store never takes', () => {
  const refuse = () => Promise.reject(new StorageError('refused', false))

  test('a playlist that always fails keeps no object from a store that takes it', async () => {
    void queue.run({ key: 'list', kind: 'playlist', acceptedAt: 0, run: () => Promise.reject(new Error('planted')) })
    await clock.advance(20 * STORE_RETRY_MAX_MS)
    expect(queue.isDown).toBe(true)
    const done: boolean[] = []
    for (let count = 0; count < 20; count++) {
      void queue
        .run({ key: `a${count}`, kind: 'object', acceptedAt: clock.now(), run: async () => true })
        .then((isDone) => done.push(isDone))
      await clock.advance(STORE_RETRY_MAX_MS)
    }
    expect(done).toHaveLength(20)
  })

  test('is set aside when the store takes others, and tried again now and then', async () => {
    let tries = 0
    let asides = 0
    const run = () => {
      tries++
      return refuse()
    }
    void queue.run({ key: 'bad', kind: 'object', acceptedAt: 0, run, onSetAside: () => asides++ })
    await clock.advance(STORE_RETRY_MAX_MS)
    expect(asides).toBe(0)
    void queue.run({ key: 'good', kind: 'object', acceptedAt: clock.now(), run: async () => true })
    await clock.advance(STORE_RETRY_MAX_MS)
    expect([asides, queue.isDown]).toEqual([1, false])
    await clock.advance(10 * STORE_REFUSED_RETRY_MS)
    const before = tries
    await clock.advance(10 * STORE_REFUSED_RETRY_MS)
    expect([asides, queue.isDown]).toEqual([1, false])
    expect(tries - before).toBeGreaterThanOrEqual(10)
    expect(tries - before).toBeLessThanOrEqual(20)
  })

  test('is not set aside while the store takes nothing at all', async () => {
    let asides = 0
    for (let count = 0; count < 2 * STORE_DOWN_FAILURES; count++) {
      void queue.run({ key: `a${count}`, kind: 'object', acceptedAt: 0, run: refuse, onSetAside: () => asides++ })
    }
    await clock.advance(20 * STORE_REFUSED_RETRY_MS)
    expect([asides, queue.isDown]).toEqual([0, true])
  })
})

test('a queue that is closed gives up what waits, and begins nothing', async () => {
  addMany('live', MAX_STORE_WRITES)
  const waiting = add('waits')
  await settled()
  const failing = end('live0', 'fail')
  queue.close()
  await failing
  expect(await waiting).toBe(false)
  expect(await add('late')).toBe(false)
  await clock.advance(10 * STORE_RETRY_MAX_MS)
  expect(began).toHaveLength(MAX_STORE_WRITES)
})
