import { expect, test } from 'vitest'
import { settled } from '../support/fake-clock.ts'
import { Trial } from '../support/trial.ts'

const CLOSE_MS = 5_000

/** A trial whose journal commits nothing until `release`. */
function heldTrial(): { trial: Trial; release: () => void } {
  const trial = new Trial()
  const { commit } = trial.journal
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  Object.assign(trial.journal, {
    async commit(...args: Parameters<typeof commit>) {
      await held
      return commit(...args)
    },
  })
  return { trial, release }
}

/** Whether a promise is settled by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  void promise.finally(() => {
    done = true
  })
  await settled()
  return done
}

test('P8: closing waits for an upload and an end message that are still being written down', async () => {
  const { trial, release } = heldTrial()
  const upload = trial.begin('a.ts')
  await upload.send('segment')
  const outcome = upload.end()
  const message = trial.finish('a')
  await settled()
  const closing = trial.receiver.close(CLOSE_MS)
  expect(await isDone(closing)).toBe(false)
  release()
  await closing
  expect(await isDone(outcome)).toBe(true)
  expect(await outcome).toBe('created')
  expect(await isDone(message)).toBe(true)
})

test('P8: closing waits for them no longer than it may', async () => {
  const { trial } = heldTrial()
  const upload = trial.begin('a.ts')
  await upload.send('segment')
  void upload.end()
  await settled()
  const closing = trial.receiver.close(CLOSE_MS)
  await trial.clock.advance(CLOSE_MS)
  expect(await isDone(closing)).toBe(true)
})
