import { expect, test } from 'vitest'
import { SETTLE_INTERVAL_MS } from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { keys, readJson, type StoredObject } from '../../src/core/records.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { PlaylistWatch } from '../../src/testing/playlist-watch.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const MASTER = 'master.m3u8'

/** Sends one segment after the other, with a list that shows the last five. */
async function push(trial: Trial, all: readonly string[], from: number): Promise<void> {
  for (let count = from + 1; count <= all.length; count++) {
    const first = Math.max(0, count - 5)
    await trial.segments(all.slice(count - 1, count))
    await trial.put(LIST, mediaList(first, all.slice(first, count)))
    await trial.clock.advance(2_000)
  }
}

test.each([
  ['without a word', async () => {}],
  ['in order', (trial: Trial) => closed(trial)],
])('P4: no playlist in the store goes back when the receiver stops %s and starts again', async (_how, stop) => {
  const trial = new Trial()
  const watch = new PlaylistWatch()
  const wrong: string[] = []
  const puts: string[] = []
  const variants: boolean[] = []
  const put = trial.store.put.bind(trial.store)
  let isSlow = false
  trial.store.put = async (key, body, options) => {
    const text = key.endsWith('.m3u8') ? new TextDecoder().decode(body.bytes) : ''
    if (key.endsWith(`/${LIST}`)) wrong.push(...watch.observe(text))
    if (key.endsWith(MASTER)) variants.push(text.includes(LIST))
    if (text === '') puts.push(key)
    if (isSlow && text === '') await new Promise<void>((resolve) => void trial.clock.after(3_000, resolve))
    await put(key, body, options)
  }
  const all = names('a', 12)
  await push(trial, all.slice(0, 6), 0)
  await trial.put(MASTER, `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${LIST}\n`)
  await trial.clock.advance(2_000)
  await stop(trial)
  isSlow = true
  const before = puts.length
  await trial.restart()
  await trial.clock.advance(2_000)
  // What the store has is not sent again.
  expect(puts.slice(before)).toEqual([])
  await push(trial, all, 6)
  await trial.clock.advance(10_000)
  expect(wrong).toEqual([])
  expect(variants.length).toBeGreaterThan(0)
  expect(variants).not.toContain(false)
  expect(await trial.stored(LIST)).toContain(all.at(-1))
})

async function closed(trial: Trial): Promise<void> {
  const closing = trial.receiver.close(1_000)
  await trial.clock.advance(1_000)
  await closing
}

test('P8: a stop does not wait for what the store refuses, and its list goes there with a hole, once', async () => {
  const trial = new Trial()
  const put = trial.store.put.bind(trial.store)
  const lists: string[] = []
  trial.store.put = async (key, body, options) => {
    if (key.endsWith('a1.ts')) throw new StorageError('refused', false)
    if (key.endsWith(`/${LIST}`)) lists.push(new TextDecoder().decode(body.bytes))
    await put(key, body, options)
  }
  await push(trial, names('a', 4), 0)
  await trial.clock.advance(600_000)
  expect(lists.at(-1)).toContain('#EXT-X-GAP\na1.ts')
  const before = lists.length
  await trial.clock.advance(600_000)
  let isClosed = false
  void trial.receiver.close(60_000).then(() => {
    isClosed = true
  })
  await trial.clock.advance(5_000)
  expect([isClosed, lists.length]).toEqual([true, before])
})

test('P6: however long the store is away, one mark is kept of each playlist', async () => {
  const trial = new Trial()
  trial.store.put = () => Promise.reject(new StorageError('unavailable', true))
  await push(trial, names('a', 40), 0)
  expect([...trial.journal.entries('m/')]).toHaveLength(1)
})

test('P1: what replaces an object while that is crossed off is served, and gets into the store', async () => {
  const trial = new Trial(NEVER_STALE, policies([{ policy: 'overwrite', app: undefined, stream: undefined }]))
  await trial.restart()
  await trial.put('a1.ts', 'first')
  await trial.clock.advance(SETTLE_INTERVAL_MS + 5_000)
  const { commit } = trial.journal
  const waiting: (() => void)[] = []
  // The journal makes durable what comes in the meantime at once with what came before.
  trial.journal.commit = async (writes) => {
    await new Promise<void>((resolve) => waiting.push(resolve))
    await commit.call(trial.journal, writes)
  }
  const upload = trial.begin('a1.ts')
  await upload.send('second')
  const outcome = upload.end()
  await trial.clock.advance(SETTLE_INTERVAL_MS)
  trial.journal.commit = commit
  expect(waiting.length).toBeGreaterThan(1)
  for (const go of waiting) go()
  expect(await outcome).toBe('created')
  await trial.clock.advance(SETTLE_INTERVAL_MS)
  expect(readJson<StoredObject>(trial.journal, keys.object('live', 'a1.ts'))?.size).toBe('second'.length)
  expect(await trial.stored('a1.ts')).toBe('second')
})
