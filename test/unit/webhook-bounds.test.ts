import { expect, test } from 'vitest'
import {
  MAX_EVENTS,
  MAX_STREAM_EVENTS,
  MAX_UNCOMMITTED_EVENTS,
  WEBHOOKS_AT_ONCE,
  WEBHOOKS_PER_HOST,
} from '../../src/core/limits.ts'
import { until } from '../support/until.ts'
import { vodReady, WebhookTrial } from '../support/webhook-trial.ts'

const events = (count: number, of: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => vodReady(of(index), `${index}`))

test('P6: so many requests run at once, and to one host so many, so that one that hangs leaves room for others', async () => {
  const trial = new WebhookTrial({ hookFor: (_app, id) => `https://${id.split('-')[0]}.example/` })
  trial.queue.begin()
  trial.answer = () => 'hangs'
  await trial.tell(...events(40, (index) => `slow-${index}`))
  expect(trial.most.get('slow.example')).toBe(WEBHOOKS_PER_HOST)
  await trial.tell(vodReady('other-1', 'x'))
  expect(trial.marks('other-1')).toEqual(['x'])
  await trial.tell(...events(40, (index) => `host${index}-1`))
  expect(trial.most.get('')).toBe(WEBHOOKS_AT_ONCE)
})

test('a stream with many events lets the others have their turn', async () => {
  const trial = new WebhookTrial()
  const busy = Array.from({ length: WEBHOOKS_PER_HOST }, (_, index) => `busy${index}`)
  await trial.tell(...busy.flatMap((stream) => events(20, () => stream)), vodReady('late', 'x'))
  trial.queue.begin()
  await trial.clock.advance(0)
  expect(trial.marks().indexOf('x')).toBe(WEBHOOKS_PER_HOST)
  expect(trial.marks()).toHaveLength(WEBHOOKS_PER_HOST * 20 + 1)
})

test('hosts with many streams let the others have their turn', async () => {
  const trial = new WebhookTrial({ hookFor: (_app, id) => `https://${id.split('-')[0]}.example/` })
  const busy = WEBHOOKS_AT_ONCE / WEBHOOKS_PER_HOST
  const streams = Array.from({ length: 20 * busy }, (_, index) => `busy${index % busy}-${index}`)
  await trial.tell(...streams.map((stream) => vodReady(stream, '')), vodReady('late-1', 'x'))
  trial.queue.begin()
  await trial.clock.advance(0)
  expect(trial.marks().indexOf('x')).toBeLessThanOrEqual(WEBHOOKS_AT_ONCE)
  expect(trial.marks()).toHaveLength(20 * busy + 1)
})

test('P6: of one stream so many events wait; beyond, the oldest goes, loudly', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'unreachable'
  await trial.tell(...events(MAX_STREAM_EVENTS + 2, () => 'cam1'))
  expect(trial.logged('webhook event given up')).toHaveLength(2)
  expect(trial.left).toBe(MAX_STREAM_EVENTS)
  trial.answer = () => ({ status: 200 })
  await trial.startAgain()
  expect(trial.marks().slice(1)).toEqual(Array.from({ length: MAX_STREAM_EVENTS }, (_, index) => `${index + 2}`))
})

test('P6: the event that is being told is not the one that goes', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'hangs'
  await trial.tell(vodReady('cam1', 'first'))
  await trial.tell(...events(MAX_STREAM_EVENTS, () => 'cam1'))
  trial.answer = () => ({ status: 200 })
  await trial.startAgain()
  expect(trial.marks().slice(1, 4)).toEqual(['first', '1', '2'])
})

test('P6: in all so many events wait; beyond, the stream with most loses its oldest', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'unreachable'
  const greedy = events(MAX_STREAM_EVENTS, () => 'greedy')
  await trial.tell(...greedy, ...events(MAX_EVENTS - MAX_STREAM_EVENTS, (index) => `cam${index}`))
  expect(trial.logged('webhook event given up')).toEqual([])
  await trial.tell(vodReady('new', 'x'), vodReady('new', 'y'))
  expect(trial.logged('webhook event given up')).toMatchObject([{ stream: 'greedy' }, { stream: 'greedy' }])
  expect(trial.left).toBe(MAX_EVENTS)
})

test('events that were told do not count any more', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  await trial.tell(...events(MAX_EVENTS, (index) => `cam${index % 7}`))
  await until('all were told', () => (trial.left === 0 ? true : undefined))
  trial.answer = () => 'unreachable'
  await trial.tell(...events(3, () => 'cam1'))
  expect(trial.logged('webhook event given up')).toEqual([])
})

test('P6: where every stream has one event, the one that had its turn first goes', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'unreachable'
  await trial.tell(...events(MAX_EVENTS, (index) => `cam${index}`))
  await trial.tell(vodReady('new', 'x'))
  expect(trial.logged('webhook event given up')).toHaveLength(1)
  expect(trial.marks('new')).toEqual(['x'])
  expect(trial.left).toBe(MAX_EVENTS)
})

test('P6: events whose batches failed are forgotten, the oldest first', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  const lost = trial.queue.writes(vodReady('cam1', 'lost'))
  const kept = trial.queue.writes(vodReady('cam1', 'kept'))
  for (const event of events(MAX_UNCOMMITTED_EVENTS - 1, () => 'cam2')) trial.queue.writes(event)
  await trial.journal.commit([...lost, ...kept])
  trial.queue.wake()
  await trial.clock.advance(0)
  expect(trial.marks()).toEqual(['kept'])
  await trial.startAgain()
  expect(trial.marks()).toEqual(['kept', 'lost'])
})

test('P6: an event that is too large is not written down, and the log says so', () => {
  const trial = new WebhookTrial()
  expect(trial.queue.writes(vodReady('cam1', 'x'.repeat(9_000)))).toEqual([])
  expect(trial.logged('webhook event is too large')).toMatchObject([{ action: 'vodReady', stream: 'cam1' }])
})
