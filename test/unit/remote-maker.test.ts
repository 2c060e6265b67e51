import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { JobError } from '../../src/core/jobs/job.ts'
import { failureText } from '../../src/recording/order-schema.ts'
import { settled } from '../support/fake-clock.ts'
import { bodyOf, orderOf, RemoteTrial } from '../support/remote-trial.ts'

/** Longer than the queue is asked apart, and than a worker may say nothing, in ms. */
const LOOK_MS = 2_000
const SILENT_MS = 20_000
/** Longer than neither the queue nor a worker may be heard of, in ms. */
const AWAY_MS = 40_000

let trial: RemoteTrial

beforeEach(() => {
  trial = new RemoteTrial()
})
afterEach(() => trial.close())

describe('an order', () => {
  test('is made when a worker has brought its file, which is removed when it is where it belongs', async () => {
    const job = await trial.begin(orderOf('a'))
    await trial.maker.take(job.id, 4_000, bodyOf('the file'))
    const made = await job.made
    expect(made).toMatchObject({ durationMs: 4_000, content: { size: 8 } })
    expect(readFileSync(made.content.path ?? '', 'utf8')).toBe('the file')
    await made.remove()
    expect(trial.left()).toEqual([])
  })

  test('tells how far its worker is', async () => {
    const job = await trial.begin(orderOf('a'))
    for (const percent of [0, 42]) trial.maker.goesOn(job.id, percent)
    expect(job.percents).toEqual([0, 42])
  })

  test('of a picture is urgent, of a file not', async () => {
    const file = await trial.begin(orderOf('a'))
    const picture = await trial.begin({ ...orderOf('b'), format: 'png' })
    expect([file, picture].map(({ id }) => trial.queue.orders.get(id)?.isUrgent)).toEqual([false, true])
  })

  test('that is open from an earlier attempt is joined; one of something else is another', async () => {
    const first = await trial.begin(orderOf('a'))
    const again = new RemoteTrial()
    trial.queue.orders.forEach((order, id) => {
      again.queue.orders.set(id, order)
    })
    const job = await again.begin(orderOf('a'))
    expect(again.queue.added).toEqual([])
    expect(job.id).toBe(first.id)
    await again.begin(orderOf('a', 'cam001.ts'))
    expect(again.queue.added).toHaveLength(1)
    again.close()
  })

  test.each(['done', 'failed'] as const)('that is %s from an earlier attempt is out anew', async (state) => {
    const first = await trial.begin(orderOf('a'))
    await trial.maker.take(first.id, 0, bodyOf('x'))
    await first.made
    trial.queue.end(first.id, state)
    const job = await trial.begin(orderOf('a'))
    expect(trial.queue.added).toEqual([first.id, first.id])
    await trial.maker.take(job.id, 0, bodyOf('another'))
    expect((await job.made).content.size).toBe(7)
  })

  test('that a worker failed at fails with the worker’s code', async () => {
    const job = await trial.begin(orderOf('a'))
    const failure = new JobError('input-mixed', 'No.', { retryable: false })
    trial.queue.end(job.id, 'failed', failureText(failure))
    await trial.clock.advance(LOOK_MS)
    await expect(job.made).rejects.toMatchObject({ code: 'input-mixed', message: 'No.', retryable: false })
  })

  test('that ended worker after worker, or came to no file, is tried again', async () => {
    const lost = await trial.begin(orderOf('a'))
    trial.queue.end(lost.id, 'failed', 'job stalled more than allowable limit')
    const done = await trial.begin(orderOf('b'))
    trial.queue.end(done.id, 'done')
    await trial.clock.advance(LOOK_MS)
    await expect(lost.made).rejects.toMatchObject({ code: 'worker-failed', retryable: true })
    await expect(done.made).rejects.toMatchObject({ code: 'result-lost', retryable: true })
  })
})

describe('where Redis', () => {
  test('is away, an order fails at once as an outage', async () => {
    trial.queue.isAway = true
    const job = await trial.begin(orderOf('a'))
    await expect(job.made).rejects.toMatchObject({ code: 'queue-unavailable', retryable: 'outage' })
  })

  test('goes away, an order waits for a while, and as long as a worker is at it', async () => {
    const [idle, busy] = [await trial.begin(orderOf('a')), await trial.begin(orderOf('b'))]
    trial.queue.isAway = true
    for (let ms = 0; ms < AWAY_MS; ms += LOOK_MS) {
      trial.maker.goesOn(busy.id, 1)
      await trial.clock.advance(LOOK_MS)
    }
    await expect(idle.made).rejects.toMatchObject({ code: 'queue-unavailable', retryable: 'outage' })
    await trial.maker.take(busy.id, 0, bodyOf('x'))
    expect((await busy.made).content.size).toBe(1)
  })

  test('comes back soon, nothing has happened', async () => {
    const job = await trial.begin(orderOf('a'))
    trial.queue.isAway = true
    await trial.clock.advance(AWAY_MS / 2)
    trial.queue.isAway = false
    await trial.clock.advance(LOOK_MS)
    trial.queue.isAway = true
    await trial.clock.advance(AWAY_MS / 2)
    await trial.maker.take(job.id, 0, bodyOf('x'))
    expect(await job.made).toBeDefined()
  })

  test('begins anew with nothing in it, an order is added again, unless a worker is at it', async () => {
    const [idle, busy] = [await trial.begin(orderOf('a')), await trial.begin(orderOf('b'))]
    trial.queue.orders.clear()
    for (let ms = 0; ms < SILENT_MS; ms += LOOK_MS) {
      trial.maker.goesOn(busy.id, 1)
      await trial.clock.advance(LOOK_MS)
    }
    expect(trial.queue.added).toEqual([idle.id, busy.id, idle.id])
    // Its worker has died with Redis.
    await trial.clock.advance(SILENT_MS)
    expect(trial.queue.added).toEqual([idle.id, busy.id, idle.id, busy.id])
  })
})

test('an order that is ended is taken out of the queue, and no file of it is taken any more', async () => {
  const job = await trial.begin(orderOf('a'))
  job.abort.abort()
  await expect(job.made).rejects.toMatchObject({ code: 'job-ended' })
  expect(trial.queue.ids).toEqual([])
  await expect(trial.maker.take(job.id, 0, bodyOf('x'))).rejects.toMatchObject({ code: 'order-unknown' })
  expect(() => trial.maker.goesOn(job.id, 1)).toThrow(expect.objectContaining({ code: 'order-unknown' }))
  expect(trial.left()).toEqual([])
})

test('an order that is ended while Redis is away ends all the same', async () => {
  const job = await trial.begin(orderOf('a'))
  trial.queue.isAway = true
  job.abort.abort()
  await settled()
  await expect(job.made).rejects.toMatchObject({ code: 'job-ended' })
})
