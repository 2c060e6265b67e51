import { describe, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { storedNames } from '../support/kept.ts'
import { mediaList, names, type Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'

/** A stream that has ended, and goes. */
async function ended(afterMs = DELAY_MS): Promise<Trial> {
  const trial = await deleting('append_list', afterMs)
  await trial.segments(names('a', 3))
  await trial.put(LIST, mediaList(0, names('a', 3), END))
  return trial
}

/** Sets the system's clock by `ms`; timers go on. */
function setClock(trial: Trial, ms: number): void {
  const now = trial.clock.now.bind(trial.clock)
  trial.clock.now = () => now() + ms
}

describe('P1: without any while a stream goes', () => {
  test('though not while an upload of it runs, nor at the moment that it is whole', async () => {
    const trial = await ended(0)
    const upload = trial.begin('a0.ts')
    await upload.send('a0 of run 2')
    await trial.clock.advance(20_000)
    await upload.end()
    await trial.clock.advance(1_000)
    await trial.put(LIST, mediaList(0, ['a0.ts']))
    await trial.segments(['a1.ts'], ' of run 2')
    await trial.put(LIST, mediaList(0, names('a', 2)))
    await trial.clock.advance(GONE_MS)
    expect(await trial.recorded(LIST)).toEqual([...names('a', 3), '- a0 of run 2', 'a1.ts of run 2'])
  })

  test('at once', async () => {
    const trial = await ended(0)
    await trial.clock.advance(20_000)
    expect(await storedNames(trial)).toEqual([])
  })
})

describe('the while of a stream is as long as it is said', () => {
  test('though the clock is set forward', async () => {
    const trial = await ended(10 * DELAY_MS)
    await trial.clock.advance(9 * DELAY_MS)
    await trial.segments(['a3.ts'])
    setClock(trial, 3_600_000)
    await trial.clock.advance(9 * DELAY_MS)
    expect(await trial.served(LIST)).toBeDefined()
    await trial.clock.advance(2 * DELAY_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('though the clock is set back', async () => {
    const trial = await ended()
    await trial.clock.advance(1_000)
    setClock(trial, -30 * 24 * 3_600_000)
    await trial.clock.advance(GONE_MS)
    expect(await storedNames(trial)).toEqual([])
  })

  test('though another stream begins meanwhile, whose files may look like its own', async () => {
    const trial = await ended()
    for (const [number, name] of names('a1', 70).entries()) {
      await trial.segments([name])
      await trial.put('a1.m3u8', mediaList(number, [name]))
      await trial.clock.advance(2_000)
    }
    expect(await trial.served(LIST)).toBeUndefined()
    expect(await trial.recorded('a1.m3u8')).toEqual(names('a1', 70))
  })
})

test('a stream whose end could not be noted at once goes after a restart all the same', async () => {
  const trial = await deleting()
  const commit = trial.journal.commit.bind(trial.journal)
  let failures = 0
  trial.journal.commit = async (writes) => {
    if (failures < 2 && writes.some(({ key }) => key.startsWith('E/'))) {
      failures++
      throw new StorageError('unavailable', true)
    }
    await commit(writes)
  }
  await trial.segments(names('a', 3))
  await trial.put(LIST, mediaList(0, names('a', 3), END))
  await trial.clock.advance(20_000)
  expect(failures).toBe(2)
  await trial.restart()
  await trial.clock.advance(GONE_MS)
  expect(await storedNames(trial)).toEqual([])
})
