import { expect, test } from 'vitest'
import { BLOCK_RETRY_MS, DELETED_LOOK_MS, GAP_MEND_MS, RUN_GROWTH_ENTRIES } from '../../src/core/limits.ts'
import { keys } from '../../src/core/records.ts'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { BLOCK_ENTRIES, NEVER_STALE } from '../simulation/world/surroundings.ts'
import { dangling } from '../support/dangling.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const SIZE = 3
const SEGMENT_MS = 2_000
const ENTRIES = 2 * RUN_GROWTH_ENTRIES

/** A receiver that mirrors what its encoder deletes, and so many segments of a list that slides; most are in blocks. */
async function pushed(entries = ENTRIES): Promise<Trial> {
  const deletion = { ...NOTHING_DELETED, isMirror: () => true }
  const trial = new Trial(NEVER_STALE, policies([]), undefined, deletion)
  await trial.restart()
  await push(trial, 0, entries)
  await trial.clock.advance(2 * GAP_MEND_MS + BLOCK_RETRY_MS)
  await push(trial, entries, entries + 1)
  await trial.clock.advance(BLOCK_RETRY_MS)
  expect([...trial.journal.entries(keys.blocks('live', LIST))].length).toBeGreaterThan(entries / BLOCK_ENTRIES - 10)
  return trial
}

async function push(trial: Trial, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    const first = Math.max(0, number - SIZE + 1)
    await trial.segments(names('a', 1, number))
    await trial.put(LIST, mediaList(first, names('a', number - first + 1, first)))
    await trial.clock.advance(SEGMENT_MS)
  }
}

const all = names('a', ENTRIES + 1)

test('what encoders delete goes from blocks, too: whole ones, the first of one, and one in the middle', async () => {
  const trial = await pushed()
  const gone = [...all.slice(0, BLOCK_ENTRIES + 1), all[20]]
  for (const name of gone) if (name !== undefined) await trial.delete(name)
  await trial.clock.advance(5 * GAP_MEND_MS)
  const expected = all.filter((name) => !gone.includes(name)).map((name) => (name === all[21] ? `- ${name}` : name))
  expect(await trial.recorded(LIST)).toEqual(expected)
  await trial.restart()
  expect(await trial.recorded(LIST)).toEqual(expected)
  await push(trial, ENTRIES + 1, ENTRIES + 3)
  expect(await trial.recorded(LIST)).toEqual([...expected, ...names('a', 2, ENTRIES + 1)])
})

test('P2: the run that the store has so far leads to nothing that is deleted', async () => {
  const trial = await pushed()
  const [run = ''] = await trial.runs(LIST)
  expect(await trial.stored(run)).toContain('\na0.ts\n')
  for (const name of all.slice(0, 10)) await trial.delete(name)
  for (let looks = 0; looks < 60; looks++) {
    await trial.clock.advance(2_000)
    expect(await dangling(trial, [LIST, run])).toEqual([])
  }
  expect(await trial.stored(run)).toContain('#EXT-X-MEDIA-SEQUENCE:10\n')
  expect(await trial.stored('a0.ts')).toBeUndefined()
})

test('what is deleted while a block waits to be made of it does not come back with that', async () => {
  const trial = new Trial(NEVER_STALE, policies([]), undefined, { ...NOTHING_DELETED, isMirror: () => true })
  await trial.restart()
  await push(trial, 0, 12)
  await trial.clock.advance(3 * GAP_MEND_MS)
  for (const name of all.slice(0, 2)) await trial.delete(name)
  await trial.clock.advance(DELETED_LOOK_MS + 1_000)
  // The next list is being made durable when the deleted files are due: they wait for their turn behind it, and the block behind them.
  const { commit } = trial.journal
  let release = () => {}
  trial.journal.commit = async (writes) => {
    await commit(writes)
    if (writes.some(({ key }) => key === keys.playlist('live', LIST))) {
      await new Promise<void>((resolve) => {
        release = resolve
      })
    }
  }
  await trial.segments(names('a', 1, 12))
  const put = trial.put(LIST, mediaList(10, names('a', 3, 10)))
  await trial.clock.advance(DELETED_LOOK_MS)
  trial.journal.commit = commit
  release()
  await put
  await trial.clock.advance(1_000)
  expect([...trial.journal.entries(keys.blocks('live', LIST))].length).toBeGreaterThan(0)
  expect((await trial.recorded(LIST)).slice(0, 2)).toEqual(['a2.ts', 'a3.ts'])
})
