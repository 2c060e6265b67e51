import { expect, test } from 'vitest'
import { MAX_GROWING_RUNS, RECORDING_GROWTH, RUN_GROWTH_ENTRIES, STORE_DOWN_FAILURES } from '../../src/core/limits.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { readServed, type ServedPlaylist } from '../../src/testing/served-playlist.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const END = '#EXT-X-ENDLIST'
const RUN = /^live\/streams\/a-\d{4}-.*\.m3u8$/

/** Playlists of runs in the store: their entries, a hole in brackets. */
async function stored(trial: Trial): Promise<string[][]> {
  await trial.clock.advance(5_000)
  const { keys } = await trial.store.list('live/streams/a-')
  const runs: string[][] = []
  for (const key of keys.filter((each) => RUN.test(each))) {
    const found = await trial.store.get(key)
    const chunks: Uint8Array[] = []
    for await (const chunk of found?.body ?? []) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:VOD')
    expect(text).toContain(END)
    runs.push(readServed(text).entries.map(({ uri, isGap }) => (isGap ? `[${uri}]` : uri)))
  }
  return runs
}

/** Sends segments with a list that shows the last two. */
async function slide(trial: Trial, segments: readonly string[], foot: readonly string[] = [END]): Promise<void> {
  for (let count = 1; count <= segments.length; count++) {
    const first = Math.max(0, count - 2)
    const isLast = count === segments.length
    await trial.segments(segments.slice(count - 1, count))
    await trial.put(LIST, mediaList(first, segments.slice(first, count), ...(isLast ? foot : [])))
  }
}

test('P5: a run that has ended is in the store as a whole, however short its list was; before, it is not', async () => {
  const trial = new Trial()
  const all = names('a', 6)
  await slide(trial, all, [])
  expect(await stored(trial)).toEqual([])
  await trial.put(LIST, mediaList(4, all.slice(4), END))
  expect(await stored(trial)).toEqual([all])
})

test('each run has one of its own', async () => {
  const trial = new Trial()
  const all = names('a', 3)
  await slide(trial, all)
  await trial.clock.advance(120_000)
  await trial.segments(all, 'again')
  await trial.put(LIST, mediaList(0, all, END))
  const runs = await stored(trial)
  expect(runs.map((run) => run.length)).toEqual([3, 3])
  expect(runs[0]).toEqual(all)
})

test('P5: a run whose encoder crashed is in the store when the next one has begun', async () => {
  const trial = new Trial()
  const all = names('a', 4)
  await slide(trial, all, [])
  await trial.clock.advance(120_000)
  await trial.segments(all.slice(0, 2), 'again')
  await trial.put(LIST, mediaList(0, all.slice(0, 2)))
  expect(await stored(trial)).toEqual([all])
})

test('P6: no text of a run waits in memory for a store that is down; it goes there when that is back', async () => {
  const trial = new Trial()
  const { put } = trial.store
  trial.store.put = () => Promise.reject(new StorageError('unavailable', true))
  await trial.segments(names('b', STORE_DOWN_FAILURES))
  await trial.clock.advance(60_000)
  expect(trial.receiver.isStoreDown).toBe(true)
  const all = names('a', 3)
  await slide(trial, all)
  const list = () => [...trial.journal.entries('m/live/a-')]
  await trial.clock.advance(60_000)
  expect(list()).toEqual([])
  trial.store.put = put
  await trial.clock.advance(60_000)
  expect(await stored(trial)).toEqual([all])
})

test('a hole is mended there when the late segment comes', async () => {
  const trial = new Trial()
  const [one = '', two = '', three = ''] = names('a', 3)
  await trial.segments([one, three])
  await trial.put(LIST, mediaList(0, [one, two, three]))
  await trial.clock.advance(3_000)
  await trial.put(LIST, mediaList(0, [one, two, three], END))
  expect(await stored(trial)).toEqual([[one, `[${two}]`, three]])
  await trial.segments([two])
  expect(await stored(trial)).toEqual([[one, two, three]])
})

test('P1: one that did not get there before a crash does so after it', async () => {
  const trial = new Trial()
  const all = names('a', 4)
  const { put } = trial.store
  trial.store.put = () => new Promise(() => {})
  await slide(trial, all)
  await trial.restart()
  trial.store.put = put
  await trial.restart()
  expect(await stored(trial)).toEqual([all])
})

test('a run that has only begun is not, though the one before has ended and is served still', async () => {
  const trial = new Trial()
  const all = names('a', 3)
  await slide(trial, all)
  await trial.clock.advance(120_000)
  // Its segments do not come: nothing of it is served yet.
  await trial.put('a0000.ts', 'another')
  await trial.segments([all[0] ?? ''], 'again')
  await trial.put(LIST, mediaList(0, [...all, 'a9.ts']))
  await trial.restart()
  expect(await stored(trial)).toEqual([all])
})

test('P5: a run that goes on is in the store up to what has left its list, written anew each time it has grown by a tenth', async () => {
  const trial = new Trial()
  const all = names('a', 6 * RUN_GROWTH_ENTRIES)
  const { put } = trial.store
  const written: ServedPlaylist[] = []
  trial.store.put = async (key, content, options) => {
    if (RUN.test(key)) written.push(readServed(new TextDecoder().decode(content.bytes)))
    await put(key, content, options)
  }
  for (let count = 1; count <= all.length; count++) {
    const first = Math.max(0, count - 4)
    await trial.segments(all.slice(count - 1, count))
    await trial.put(LIST, mediaList(first, all.slice(first, count)))
    await trial.clock.advance(2_000)
  }
  for (const [index, { entries, hasEndlist }] of written.entries()) {
    expect([entries.map(({ uri }) => uri), hasEndlist]).toEqual([all.slice(0, entries.length), false])
    const before = written[index - 1]?.entries.length ?? 0
    const grown = entries.length - before
    expect(grown).toBeGreaterThanOrEqual(Math.max(RUN_GROWTH_ENTRIES, Math.floor(before * RECORDING_GROWTH)))
    expect(grown).toBeLessThanOrEqual(Math.max(RUN_GROWTH_ENTRIES, before * RECORDING_GROWTH) + 2)
  }
  expect(written.length).toBeGreaterThan(4)
  await trial.put(LIST, mediaList(all.length - 4, all.slice(-4), END))
  expect(await stored(trial)).toEqual([all])
})

test('P5: runs that their encoder dates, which are live lists themselves, do not keep others from being stored as they grow', async () => {
  const trial = new Trial()
  const dated = names('x', MAX_GROWING_RUNS + 1).map((name) =>
    name.replace(/x(\d+)\.ts/, 'cam$1-2026-11-22_12-00-00.000'),
  )
  const count = 3 * RUN_GROWTH_ENTRIES
  for (let number = 1; number <= count; number++) {
    for (const stem of ['a', ...dated]) {
      const first = Math.max(0, number - 3)
      await trial.segments([`${stem}${number - 1}.ts`])
      await trial.put(`${stem}.m3u8`, mediaList(first, names(stem, number - first, first)))
    }
    await trial.clock.advance(400)
  }
  const [run = ''] = await trial.runs(LIST)
  expect(readServed((await trial.stored(run)) ?? '').entries.length).toBeGreaterThan(RUN_GROWTH_ENTRIES)
})

test('a run that has just begun is not in the store before something of it has left its list', async () => {
  const trial = new Trial()
  const all = names('a', RUN_GROWTH_ENTRIES + 1)
  await slide(trial, all)
  await trial.clock.advance(120_000)
  await trial.segments(all.slice(0, 5), 'again')
  for (let count = 1; count <= 5; count++) await trial.put(LIST, mediaList(0, all.slice(0, count)))
  await trial.clock.advance(5_000)
  const { keys } = await trial.store.list('live/streams/a-')
  expect(keys).toHaveLength(1)
})
