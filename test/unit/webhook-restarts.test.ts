import { expect, test } from 'vitest'
import { vodReady, WebhookTrial } from '../support/webhook-trial.ts'

test('what was not told when the receiver stopped is told after the next start, in order', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'), vodReady('cam1', 'b'), vodReady('cam1', 'c'))
  await trial.startAgain()
  trial.answer = () => ({ status: 200 })
  await trial.clock.advance(60_000)
  expect(trial.marks()).toEqual(['a', 'a', 'a', 'b', 'c'])
  expect(trial.left).toBe(0)
})

test('a stop ends requests that run, and counts them as no failure', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'hangs'
  await trial.tell(vodReady('cam1', 'a'))
  // Time stands still: nothing but the end of the request lets this resolve.
  await trial.queue.stop()
  expect(trial.lines).toEqual([])
  expect(trial.left).toBe(1)
})

test('a stop waits no longer than its bound for a request that does not end', async () => {
  const trial = new WebhookTrial({ sender: { send: () => new Promise(() => {}) } })
  trial.queue.begin()
  await trial.tell(vodReady('cam1', 'a'))
  let isStopped = false
  const stopped = trial.queue.stop().then(() => {
    isStopped = true
  })
  await trial.clock.advance(1_999)
  expect(isStopped).toBe(false)
  await trial.clock.advance(1)
  await stopped
})

test('a stop leaves no timer behind', async () => {
  const trial = new WebhookTrial()
  const timers = new Set<symbol>()
  const { clock } = trial
  const after = clock.after.bind(clock)
  clock.after = (ms, run) => {
    const timer = Symbol()
    timers.add(timer)
    const cancel = after(ms, () => {
      timers.delete(timer)
      run()
    })
    return () => {
      timers.delete(timer)
      cancel()
    }
  }
  trial.queue.begin()
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'), vodReady('cam2', 'b'))
  expect(timers.size).toBe(2)
  await trial.queue.stop()
  expect(timers.size).toBe(0)
})

test('after a stop nothing is told, and what comes then is told after the next start', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'))
  await trial.queue.stop()
  await trial.tell(vodReady('cam2', 'b'))
  await trial.clock.advance(600_000)
  expect(trial.marks()).toEqual(['a'])
  await trial.startAgain()
  expect(trial.marks().toSorted()).toEqual(['a', 'a', 'b'])
})

test('what was written before the begin is told once', async () => {
  const trial = new WebhookTrial()
  await trial.tell(vodReady('cam1', 'a'))
  expect(trial.marks()).toEqual([])
  trial.queue.begin()
  await trial.tell(vodReady('cam1', 'b'))
  expect(trial.marks()).toEqual(['a', 'b'])
})

test('an event goes where the settings of this start say, and is given up, loudly, where they say nothing', async () => {
  const trial = new WebhookTrial()
  trial.queue.begin()
  trial.answer = () => 'unreachable'
  await trial.tell(vodReady('cam1', 'a'), vodReady('cam2', 'b'))
  trial.answer = () => ({ status: 200 })
  await trial.startAgain({ hookFor: (_app, id) => (id === 'cam1' ? 'https://other.example/' : undefined) })
  expect(trial.told.slice(2).map(({ mark, request }) => [mark, request.url])).toEqual([['a', 'https://other.example/']])
  expect(trial.logged('webhook event given up')).toMatchObject([{ stream: 'cam2' }])
  expect(trial.left).toBe(0)
})
