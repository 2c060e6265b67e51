import { describe, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { keys } from '../../src/core/records.ts'
import { broadcast, DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { kept, storedNames } from '../support/kept.ts'
import { mediaList, names } from '../support/trial.ts'

describe('a stream that goes', () => {
  test('P1: is forgotten only once the store has deleted it for good', async () => {
    const trial = await deleting()
    await broadcast(trial)
    await trial.clock.advance(DELAY_MS - 1_000)
    const { store, journal } = trial
    const [remove, flush, commit] = [store.delete.bind(store), store.flush.bind(store), journal.commit.bind(journal)]
    let unflushed = 0
    let flushed = 0
    const early: string[] = []
    store.delete = async (all) => {
      await remove(all)
      unflushed += all.length
    }
    store.flush = async () => {
      await flush()
      flushed += unflushed
      unflushed = 0
    }
    journal.commit = (writes) => {
      const isDone = ({ key, value }: (typeof writes)[number]) =>
        value === null && key.startsWith('F/') && 'mtfs'.includes(key.split('\u0001')[1]?.[0] ?? '-')
      if (unflushed > 0) early.push(...writes.filter(isDone).map(({ key }) => key))
      return commit(writes)
    }
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual([])
    expect(flushed).toBeGreaterThan(20)
    expect(early).toEqual([])
  })

  test('goes when the store is back, though nothing else waits for it', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    const { store } = trial
    const [put, remove] = [store.put.bind(store), store.delete.bind(store)]
    const isDown = () => Promise.reject(new StorageError('unavailable', true))
    await trial.segments(names('a', 3))
    await trial.put('a.m3u8', mediaList(0, names('a', 3)))
    await trial.clock.advance(5_000)
    Object.assign(store, { put: isDown, delete: isDown })
    await trial.put('a.m3u8', mediaList(0, names('a', 3), END))
    await trial.clock.advance(2 * GONE_MS)
    expect(await trial.served('a.m3u8')).toBeUndefined()
    expect(await storedNames(trial)).not.toEqual([])
    Object.assign(store, { put, delete: remove })
    await trial.clock.advance(GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('is not taken for one that was quiet all the while, though the journal failed before it ended', async () => {
    const trial = await deleting()
    const { journal } = trial
    const commit = journal.commit.bind(journal)
    const send = async (number: number, ...foot: string[]) => {
      await trial.segments([`a${number}.ts`])
      await trial.put('a.m3u8', mediaList(number, [`a${number}.ts`], ...foot))
    }
    await send(0, END)
    await trial.clock.advance(DELAY_MS - 2_000)
    await send(1)
    // That it does not go after all cannot be written down.
    const going = keys.going('live', 'a')
    let failed = 0
    journal.commit = (writes) => {
      if (!writes.some(({ key, value }) => key === going && value === null)) return commit(writes)
      failed++
      return Promise.reject(new Error('The journal takes nothing at the moment.'))
    }
    await trial.clock.advance(DELAY_MS)
    journal.commit = commit
    expect(failed).toBeGreaterThan(0)
    await send(2, END)
    await trial.clock.advance(DELAY_MS - 2_000)
    await send(3, END)
    await trial.clock.advance(DELAY_MS - 2_000)
    expect(await trial.recorded('a.m3u8')).toHaveLength(4)
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('goes, though the journal failed when the receiver began to look what may go', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    const { journal } = trial
    const commit = journal.commit.bind(journal)
    await trial.journal.commit([{ key: keys.usesKnown, value: null }])
    journal.commit = (writes) => {
      if (!writes.some(({ key }) => key === keys.usesKnown)) return commit(writes)
      journal.commit = commit
      return Promise.reject(new Error('The journal takes nothing at the moment.'))
    }
    await trial.restart()
    await trial.segments(names('a', 3))
    await trial.put('a.m3u8', mediaList(0, names('a', 3), END))
    await trial.clock.advance(2 * GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })
})
