import { expect, test } from 'vitest'
import { memoryJournal } from '../../src/stores/memory-custody.ts'
import { vodReady, WebhookTrial } from '../support/webhook-trial.ts'

const DAY_MS = 86_400_000

function begun(): WebhookTrial {
  const trial = new WebhookTrial()
  trial.queue.begin()
  return trial
}

test('an event is told when its batch is committed, not before', async () => {
  const trial = begun()
  const writes = trial.queue.writes(vodReady('cam1', 'a'))
  trial.queue.wake()
  await trial.clock.advance(DAY_MS)
  expect(trial.marks()).toEqual([])
  await trial.journal.commit(writes)
  trial.queue.wake()
  await trial.clock.advance(0)
  expect(trial.marks()).toEqual(['a'])
  expect(trial.left).toBe(0)
})

test('an event that nobody wants to be told of writes nothing', () => {
  const trial = new WebhookTrial({ hookFor: (app) => (app === 'live' ? 'https://hooks.example/' : undefined) })
  expect(trial.queue.writes(vodReady('cam1', 'a', 'other'))).toEqual([])
  expect(trial.queue.writes(vodReady('cam1', 'a'))).toHaveLength(1)
})

test('the events of a stream wait behind one that is not taken, those of another do not', async () => {
  const trial = begun()
  trial.answer = ({ stream, at }) => ({ status: stream === 'cam1' && at < start + 10_000 ? 500 : 204 })
  const start = trial.clock.now()
  await trial.tell(vodReady('cam1', 'a'), vodReady('cam1', 'b'), vodReady('cam2', 'c'), vodReady('cam2', 'd'))
  expect(trial.marks()).toEqual(['a', 'c', 'd'])
  await trial.clock.advance(20_000)
  expect([...new Set(trial.marks('cam1'))]).toEqual(['a', 'b'])
  expect(trial.marks('cam1').filter((mark) => mark === 'b')).toHaveLength(1)
  expect(trial.left).toBe(0)
})

test('streams of two apps with the same id are apart', async () => {
  const trial = begun()
  trial.answer = ({ mark }) => ({ status: mark === 'a' ? 500 : 200 })
  await trial.tell(vodReady('cam1', 'a', 'live'), vodReady('cam1', 'b', 'other'))
  expect(trial.marks()).toEqual(['a', 'b'])
})

test.each([100, 199, 300, 302, 400, 404, 500, 503])('status %d is told again, with the same id', async (status) => {
  const trial = begun()
  trial.answer = () => ({ status: trial.told.length === 1 ? status : 200 })
  await trial.tell(vodReady('cam1', 'a'))
  await trial.clock.advance(60_000)
  expect(trial.marks()).toEqual(['a', 'a'])
  const ids = trial.told.map(({ request }) => request.headers['webhook-id'])
  expect(ids[0]).toMatch(/^msg_[0-9a-z-]+$/)
  expect(ids[1]).toBe(ids[0])
  const [first = 0, second = 0] = trial.told.map(({ request }) => Number(request.headers['webhook-timestamp']))
  expect(second - first).toBe(1)
})

test.each([200, 201, 204, 299])('status %d is enough', async (status) => {
  const trial = begun()
  trial.answer = () => ({ status })
  await trial.tell(vodReady('cam1', 'a'))
  await trial.clock.advance(DAY_MS)
  expect(trial.marks()).toEqual(['a'])
})

test('pauses double up to the longest, and begin anew after a success', async () => {
  const trial = begun()
  trial.answer = ({ mark }) => {
    const isTaken = trial.marks().filter((other) => other === mark).length === (mark === 'a' ? 10 : 2)
    return isTaken ? { status: 200 } : 'unreachable'
  }
  await trial.tell(vodReady('cam1', 'a'), vodReady('cam1', 'b'))
  await trial.clock.advance(DAY_MS)
  const times = trial.told.map(({ at }) => at)
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0))
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 0, 1].map((seconds) => seconds * 1000))
})

test('chance makes a pause shorter by up to half', async () => {
  const trial = begun()
  trial.random = 0
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'))
  await trial.clock.advance(499)
  expect(trial.told).toHaveLength(1)
  await trial.clock.advance(1)
  expect(trial.told).toHaveLength(2)
})

test.each([
  ['120', 120_000],
  ['Sun, 22 Nov 2026 00:02:00 GMT', 120_000],
  ['999999999', 3_600_000],
  ['soon', 1_000],
  ['0', 1_000],
  ['Sun, 22 Nov 2020 00:02:00 GMT', 1_000],
])('Retry-After %s waits %d ms', async (retryAfter, ms) => {
  const trial = begun()
  trial.answer = () => (trial.told.length === 1 ? { status: 503, retryAfter } : { status: 200 })
  await trial.tell(vodReady('cam1', 'a'))
  await trial.clock.advance(ms - 1)
  expect(trial.told).toHaveLength(1)
  await trial.clock.advance(1)
  expect(trial.told).toHaveLength(2)
})

test('410 gives an event up at once, loudly, and the next is told', async () => {
  const trial = begun()
  trial.answer = ({ mark }) => ({ status: mark === 'a' ? 410 : 200 })
  await trial.tell(vodReady('cam1', 'a'), vodReady('cam1', 'b'))
  expect(trial.marks()).toEqual(['a', 'b'])
  expect(trial.logged('webhook event given up')).toMatchObject([{ action: 'vodReady', stream: 'cam1' }])
  expect(trial.left).toBe(0)
})

test('what is not taken for three days is given up, loudly, and what is younger goes on', async () => {
  const trial = begun()
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'), vodReady('cam1', 'b'))
  await trial.clock.advance(2 * DAY_MS)
  await trial.tell(vodReady('cam1', 'c'))
  expect(trial.logged('webhook event given up')).toEqual([])
  await trial.clock.advance(DAY_MS + 60_000)
  expect(trial.logged('webhook event given up')).toHaveLength(2)
  expect(trial.left).toBe(1)
  trial.answer = () => ({ status: 200 })
  await trial.clock.advance(60_000)
  expect(trial.marks().at(-1)).toBe('c')
  expect(trial.marks()).not.toContain('b')
  expect(trial.left).toBe(0)
})

test('once all of a stream was given up, the next event is told at once', async () => {
  const trial = begun()
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'))
  while (trial.left > 0) await trial.clock.advance(30_000)
  trial.answer = () => ({ status: 200 })
  await trial.tell(vodReady('cam1', 'b'))
  expect(trial.marks().at(-1)).toBe('b')
})

test('an event is not given up for a long stop of the receiver alone', async () => {
  const trial = begun()
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'))
  await trial.queue.stop()
  await trial.clock.advance(7 * DAY_MS)
  await trial.startAgain()
  expect(trial.logged('webhook event given up')).toEqual([])
  trial.answer = () => ({ status: 200 })
  await trial.clock.advance(60_000)
  expect(trial.marks().at(-1)).toBe('a')
  expect(trial.left).toBe(0)
})

test('an attempt that ends in an unexpected error is made again', async () => {
  const trial = begun()
  trial.answer = () => {
    if (trial.told.length > 1) return { status: 200 }
    throw new Error('broken')
  }
  await trial.tell(vodReady('cam1', 'a'))
  await trial.clock.advance(999)
  expect(trial.marks()).toEqual(['a'])
  await trial.clock.advance(1)
  expect(trial.marks()).toEqual(['a', 'a'])
  expect(trial.logged('webhook failed')).toMatchObject([{ cause: expect.any(Error) }])
})

test('an event that cannot be crossed off is told again after the next start, and holds up no other', async () => {
  const journal = memoryJournal()
  let isFull = false
  const trial = new WebhookTrial({
    journal: {
      ...journal,
      commit: (writes) => (isFull ? Promise.reject(new Error('disk full')) : journal.commit(writes)),
    },
  })
  trial.queue.begin()
  await journal.commit([...trial.queue.writes(vodReady('cam1', 'a')), ...trial.queue.writes(vodReady('cam1', 'b'))])
  isFull = true
  trial.queue.wake()
  await trial.clock.advance(0)
  expect(trial.marks()).toEqual(['a', 'b'])
  isFull = false
  await trial.startAgain()
  expect(trial.marks()).toEqual(['a', 'b', 'a', 'b'])
})
