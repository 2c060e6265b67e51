import { expect, test } from 'vitest'
import { ReceiverError } from '../../src/core/errors.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { keys } from '../../src/core/records.ts'
import { DELAY_MS, deleting, END, GONE_MS } from '../support/going-stream.ts'
import { mediaList, names } from '../support/trial.ts'

const LIST = 'a.m3u8'

const codeFrom = (error: unknown) => (error instanceof ReceiverError ? error.code : error)

test.each([['cannot be'], ['can be']])(
  'P1: a list that comes while the one before is removed, which %s when the receiver stops, is not lost',
  async (how) => {
    const trial = await deleting()
    const { journal } = trial
    const commit = journal.commit.bind(journal)
    journal.commit = async (writes) => {
      const isRemoval = writes.some(({ key, value }) => key === keys.playlist('live', LIST) && value === null)
      if (isRemoval) throw new StorageError('unavailable', true)
      await commit(writes)
    }
    await trial.segments(names('a', 3))
    await trial.put(LIST, mediaList(0, names('a', 3), END))
    await trial.clock.advance(DELAY_MS + 1_000)
    await trial.put('a3.ts', 'a3.ts')
    const upload = trial.begin(LIST)
    await upload.send(mediaList(0, names('a', 4)))
    const outcome = upload.end().catch(codeFrom)
    const closed = trial.receiver.close(20_000)
    if (how === 'can be') journal.commit = commit
    await trial.clock.advance(20_000)
    await closed
    const isTaken = how === 'can be'
    expect(await outcome).toBe(isTaken ? 'created' : 'storage-unavailable')
    journal.commit = commit
    await trial.restart()
    await trial.clock.advance(GONE_MS)
    // Only the segment that came since is of the next life.
    expect(await trial.recorded(LIST)).toEqual(isTaken ? ['GAP', 'GAP', 'GAP', 'a3.ts'] : [])
    await trial.put(LIST, mediaList(3, ['a3.ts']))
    expect((await trial.recorded(LIST)).at(-1)).toBe('a3.ts')
  },
)
