import { expect, test } from 'vitest'
import { readArchive } from '../../src/core/archive/archive.ts'
import { BLOCK_RETRY_MS, GAP_MEND_MS } from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { keys } from '../../src/core/records.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { settled } from '../support/fake-clock.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const all = names('a', 200)

/** Sends the segments from one number up to another, each with a list that shows the last three, every other second. */
async function push(trial: Trial, from: number, to: number, least = 0): Promise<void> {
  for (let count = from + 1; count <= to; count++) {
    const first = Math.max(least, count - 3)
    await trial.segments(all.slice(count - 1, count))
    await trial.put(LIST, mediaList(first, all.slice(first, count)))
    await trial.clock.advance(2_000)
  }
}

const blocks = (trial: Trial) => [...trial.journal.entries(keys.blocks('live', LIST))].length

test('P5: what no list named is not left out of a block for good, though it cannot be read when that is to be made', async () => {
  const trial = new Trial()
  await trial.restart()
  await push(trial, 0, 2)
  // The lists of a2 and a3 are lost.
  await trial.segments(all.slice(2, 5))
  await trial.put(LIST, mediaList(4, all.slice(4, 5)))
  await trial.clock.advance(4 * GAP_MEND_MS)
  const { get, head } = trial.store
  trial.store.get = () => Promise.reject(new StorageError('unavailable', true))
  trial.store.head = trial.store.get
  await push(trial, 5, 14, 4)
  Object.assign(trial.store, { get, head })
  await trial.clock.advance(BLOCK_RETRY_MS + 2 * GAP_MEND_MS)
  expect((await trial.recorded(LIST)).slice(0, 5)).toEqual(['a0.ts', 'a1.ts', 'a2.ts', 'a3.ts', '- a4.ts'])
  await push(trial, 14, 15)
  await trial.clock.advance(BLOCK_RETRY_MS)
  expect(blocks(trial)).toBeGreaterThan(0)
  expect((await trial.recorded(LIST)).slice(0, 5)).toEqual(['a0.ts', 'a1.ts', 'a2.ts', 'a3.ts', '- a4.ts'])
})

test('P5: a segment that no list named is waited for as long as it may follow the one before it', async () => {
  const trial = new Trial()
  await push(trial, 0, 2)
  await trial.put(LIST, mediaList(4, [all[4] ?? '']))
  await trial.segments(all.slice(4, 5))
  await trial.clock.advance(50_000)
  await trial.segments(all.slice(2, 3))
  await push(trial, 5, 12, 4)
  await trial.clock.advance(16_000)
  await push(trial, 12, 13, 4)
  await trial.segments(all.slice(3, 4))
  await trial.clock.advance(BLOCK_RETRY_MS + 2 * GAP_MEND_MS)
  await push(trial, 13, 14, 4)
  expect((await trial.recorded(LIST)).slice(0, 5)).toEqual(['a0.ts', 'a1.ts', 'a2.ts', 'a3.ts', '- a4.ts'])
})

test('P4: an entry stands in the event once, also while it is moved to the archive', async () => {
  const trial = new Trial()
  await push(trial, 0, 8)
  const { commit } = trial.journal
  let release = () => {}
  trial.journal.commit = async (writes) => {
    await commit(writes)
    await new Promise<void>((resolve) => {
      release = resolve
    })
  }
  const put = trial.put(LIST, mediaList(6, all.slice(6, 9)))
  await settled()
  const event = readServed((await trial.recordedText(LIST, 'event')) ?? '').entries.map(({ uri }) => uri)
  expect(event).toEqual(all.slice(0, 8))
  trial.journal.commit = commit
  release()
  await put
})

test('P6: a byte range that never comes keeps no blocks from being made', async () => {
  const trial = new Trial()
  const one = trial.begin('v.ts')
  await one.send('0123456789')
  const range = (at: number) => `#EXTINF:2.000000,\n#EXT-X-BYTERANGE:10@${at}\nv.ts`
  await trial.put(LIST, mediaList(0, [range(0), range(10)]))
  await one.cut()
  await trial.clock.advance(10_000)
  await push(trial, 2, 30, 2)
  await trial.clock.advance(2 * GAP_MEND_MS)
  await push(trial, 30, 31)
  await trial.clock.advance(BLOCK_RETRY_MS)
  expect(blocks(trial)).toBeGreaterThan(5)
})

test('P6: where the clock was set back by a day, blocks are made all the same', async () => {
  const trial = new Trial()
  await trial.clock.advance(86_400_000)
  await push(trial, 0, 10)
  const { now } = trial.clock
  trial.clock.now = () => now.call(trial.clock) - 86_400_000
  await push(trial, 10, 60)
  await trial.clock.advance(2 * GAP_MEND_MS)
  await push(trial, 60, 62)
  await trial.clock.advance(BLOCK_RETRY_MS)
  expect(blocks(trial)).toBeGreaterThan(5)
})

test('where runs are overwritten, what was recorded of the one before is not looked for', async () => {
  const trial = new Trial(NEVER_STALE, policies([{ policy: 'overwrite' }]))
  await push(trial, 0, 14)
  await trial.clock.advance(2 * GAP_MEND_MS)
  await push(trial, 14, 15)
  await trial.clock.advance(BLOCK_RETRY_MS)
  expect(blocks(trial)).toBeGreaterThan(1)
  await trial.recorded(LIST)
  await trial.put('a0.ts', 'anew')
  // The first of the new run has not come.
  await trial.put(LIST, mediaList(0, ['b1.ts', 'a0.ts']))
  expect(await trial.clip(LIST, { start: 0, end: undefined })).toBeUndefined()
  expect(readServed((await trial.recordedText(LIST, 'event')) ?? '').entries).toEqual([])
})

test('a first list that is long, and has no dates, ends when it came: clips of what follows are right', async () => {
  const trial = new Trial()
  await trial.segments(all.slice(0, 100))
  await trial.put(LIST, mediaList(0, all.slice(0, 100)))
  const came = trial.clock.now()
  await trial.clock.advance(2_000)
  await push(trial, 100, 150)
  const uris = async (start: number, end: number) =>
    readServed((await trial.clip(LIST, { start, end })) ?? '').entries.map(({ uri }) => uri)
  expect(await uris(came - 9_000, came - 5_000)).toEqual(all.slice(95, 98))
  // Sent at so many seconds, and live for two before.
  expect(await uris(came + 41_000, came + 45_000)).toEqual(all.slice(120, 123))
})

test('a run that fails to be stored as it grows does not take the place of its end', async () => {
  const trial = new Trial()
  await push(trial, 0, 121)
  const [run = ''] = await trial.runs(LIST)
  const { commit } = trial.journal
  trial.journal.commit = async (writes) => {
    if (!writes.some(({ key }) => key.startsWith(`m/live/${run}`))) return commit(writes)
    trial.journal.commit = commit
    await new Promise<void>((resolve) => void trial.clock.after(1_000, resolve))
    throw new StorageError('unavailable', true)
  }
  const last = 130
  for (let count = 122; count <= last; count++) {
    await trial.segments(all.slice(count - 1, count))
    await trial.put(LIST, mediaList(count - 3, all.slice(count - 3, count), ...(count === last ? [END] : [])))
  }
  await trial.clock.advance(30_000)
  const stored = readServed((await trial.stored(run)) ?? '')
  expect([stored.entries.length, stored.hasEndlist]).toEqual([last, true])
})

test('who reads an archive slowly, while blocks are made of it, gets each entry once', async () => {
  const trial = new Trial()
  await push(trial, 0, 40)
  await trial.clock.advance(2 * GAP_MEND_MS)
  await push(trial, 40, 41)
  await trial.clock.advance(BLOCK_RETRY_MS)
  const before = blocks(trial)
  expect(before).toBeGreaterThan(5)
  await push(trial, 41, 80)
  const reading = readArchive(trial.journal, 'live', LIST)
  const read = [reading.next().value?.uri]
  await trial.clock.advance(2 * GAP_MEND_MS)
  await push(trial, 80, 81)
  await trial.clock.advance(BLOCK_RETRY_MS)
  expect(blocks(trial)).toBeGreaterThan(before + 5)
  for (const { uri } of reading) read.push(uri)
  expect(read.slice(0, 76)).toEqual(all.slice(0, 76))
  expect(new Set(read).size).toBe(read.length)
})

test('P6: a segment that no list named, and whose body is lost, keeps no blocks from being made', async () => {
  const trial = new Trial()
  await trial.restart()
  await push(trial, 0, 2)
  // The list of a2 is lost, and so is its body later on.
  await trial.segments(all.slice(2, 4))
  await trial.put(LIST, mediaList(3, all.slice(3, 4)))
  await trial.clock.advance(4 * GAP_MEND_MS)
  await trial.store.delete(['live/streams/a2.ts'])
  await push(trial, 4, 20, 3)
  await trial.clock.advance(BLOCK_RETRY_MS + 2 * GAP_MEND_MS)
  await push(trial, 20, 21)
  await trial.clock.advance(BLOCK_RETRY_MS)
  expect(blocks(trial)).toBeGreaterThan(3)
  // Nor is it in the recording, which may lead to nothing that is not here.
  expect((await trial.recorded(LIST)).slice(0, 3)).toEqual(['a0.ts', 'a1.ts', '- a3.ts'])
})
