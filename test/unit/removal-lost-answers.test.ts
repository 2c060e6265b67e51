import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import type { RestartPolicy } from '../../src/core/restart-policy.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { BLOCK_ENTRIES, NEVER_STALE } from '../simulation/world/surroundings.ts'
import { dangling, danglingFor } from '../support/dangling.ts'
import { deleting, END, GONE_MS } from '../support/going-stream.ts'
import { startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const INIT = 'a_init.mp4'
const MAP = `#EXT-X-MAP:URI="${INIT}"`
const LIST = 'a.m3u8'

/** A stream that goes now, and whose encoder comes back when its files were deleted and the store's answer is lost. */
async function deletedUnnoticed(isKilled: boolean, policy?: RestartPolicy): Promise<Trial> {
  const trial = await deleting(policy)
  await trial.put(INIT, 'the init')
  await trial.segments(names('a', 3))
  await trial.put(LIST, mediaList(0, [MAP, ...names('a', 3)], END))
  const remove = trial.store.delete.bind(trial.store)
  const { journal } = trial
  const { commit } = journal
  let isOver = false
  trial.store.delete = async (keys) => {
    await remove(keys)
    if (isOver || !keys.some((key) => key.endsWith(INIT))) return
    isOver = true
    if (!isKilled) throw new StorageError('unavailable', true)
    journal.commit = () => new Promise(() => undefined)
    await new Promise(() => undefined)
  }
  for (let at = 0; !isOver && at < GONE_MS; at += 500) await trial.clock.advance(500)
  expect(isOver).toBe(true)
  journal.commit = commit
  if (isKilled) await trial.restart()
  return trial
}

describe.each([
  ['an answer is lost', false],
  ['the receiver is killed', true],
])('P1: when a page of files was deleted and %s', (_what, isKilled) => {
  test('the same bytes again are not taken for those that are gone', async () => {
    const trial = await deletedUnnoticed(isKilled)
    await trial.put(INIT, 'the init')
    await trial.segments(names('a', 3))
    await trial.put(LIST, mediaList(0, [MAP, ...names('a', 3)]))
    expect(await danglingFor(trial, [LIST], 300_000, 5_000)).toEqual([])
    expect(await trial.played(LIST)).toEqual(names('a', 3).map((name) => `the init/${name}`))
  })

  test('what takes their names is not deleted with them', async () => {
    const trial = await deletedUnnoticed(isKilled, 'overwrite')
    await trial.put(INIT, 'the init')
    await trial.segments(names('a', 3), ' anew')
    await trial.put(LIST, mediaList(0, [MAP, ...names('a', 3)]))
    expect(await danglingFor(trial, [LIST], 300_000, 5_000)).toEqual([])
    expect(await trial.played(LIST)).toEqual(names('a', 3).map((name) => `the init/${name} anew`))
  })
})

test.each([BLOCK_ENTRIES, 1_000])(
  'P2: what was cut out of a recording does not come back while its delete fails, blocks of %i',
  async (blockEntries) => {
    const deletion = { ...NOTHING_DELETED, afterMs: 60_000, isMirror: () => true }
    const trial = new Trial(NEVER_STALE, policies([]), undefined, deletion, blockEntries)
    await trial.restart()
    for (let number = 0; number < 10; number++) {
      await trial.segments([`a${number}.ts`])
      const first = Math.max(0, number - 1)
      await trial.put(LIST, mediaList(first, names('a', number - first + 1, first)))
      await trial.clock.advance(1_000)
    }
    const remove = trial.store.delete.bind(trial.store)
    let isDown = true
    trial.store.delete = async (keys) => {
      if (isDown && keys.some((key) => key.endsWith('a3.ts'))) throw new StorageError('unavailable', true)
      await remove(keys)
    }
    for (const name of ['a3.ts', 'a4.ts']) await trial.delete(name)
    const isCut = async () => (await trial.recorded(LIST)).includes('- a5.ts')
    for (let second = 0; second < 120 && !(await isCut()); second++) await trial.clock.advance(1_000)
    await trial.clock.advance(12_000)
    // A run begins: the one before goes to the store.
    await trial.segments(['a0.ts'], ' anew')
    await trial.put(LIST, mediaList(0, ['a0.ts']))
    await trial.clock.advance(10_000)
    const [run = ''] = await trial.runs(LIST)
    isDown = false
    await trial.clock.advance(90_000)
    expect(await dangling(trial, [LIST, run])).toEqual([])
    expect(await trial.recorded(LIST)).not.toContain('a3.ts')
    expect(await trial.stored('a3.ts')).toBeUndefined()
  },
)

test('a delete that has failed in the bucket deletes nothing any more', async () => {
  const server = await startS3Server()
  const store = storeOf(server, {}, { requestMs: 5_000, uploadMsPerMib: 0, readIdleMs: 700 })
  try {
    const keys = Array.from({ length: 100 }, (_, number) => `streams/a${number}.ts`)
    const body = contentOf(new TextEncoder().encode('old'))
    for (const key of keys) await store.put(key, body, { contentType: 'video/mp2t' })
    let toFail = 1
    server.behaviour.fault = ({ method }) =>
      method === 'DELETE' && toFail-- > 0 ? { kind: 'status', status: 403, code: 'AccessDenied' } : undefined
    await expect(store.delete(keys)).rejects.toBeInstanceOf(StorageError)
    // All others are through with it.
    expect(server.objects.all()).toHaveLength(1)
  } finally {
    await store.close()
    await server.stop()
  }
})
