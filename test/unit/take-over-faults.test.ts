import { beforeAll, describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { StorageError } from '../../src/core/object-store.ts'
import { storeKey } from '../../src/core/storing/store-key.ts'
import { Interruptions } from '../support/interruptions.ts'
import { sendRun } from '../support/sent-run.ts'
import { mediaList, Trial } from '../support/trial.ts'

const LISTS = ['cam.m3u8', 'sub/b.m3u8', 'cam-2026-11-22_10-00-00.000.m3u8'] as const
const FIRST = { list: LISTS[0], prefix: 'cam', count: 8, isEnded: true }

/** What a receiver has recorded whose disk is lost. */
async function lost(): Promise<{ trial: Trial; before: unknown }> {
  const trial = new Trial()
  await sendRun(trial, FIRST)
  await trial.clock.advance(120_000)
  await sendRun(trial, { ...FIRST, count: 75, mark: ' anew', isEnded: false })
  await sendRun(trial, { list: LISTS[1], prefix: 'b', extension: 'm4s', init: 'b_init.mp4', count: 5 })
  await sendRun(trial, { list: LISTS[2], prefix: 'other', count: 3 })
  await trial.put('master.m3u8', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ncam.m3u8\n')
  await trial.clock.advance(10_000)
  const before = await view(trial)
  await trial.loseDisk()
  return { trial, before }
}

async function view(trial: Trial): Promise<unknown> {
  const lists = LISTS.map(async (list) => [
    await trial.served(list),
    await trial.recordedText(list),
    await trial.runs(list),
  ])
  return [...(await Promise.all(lists)), await trial.served('master.m3u8')]
}

describe('a take-over that is killed', () => {
  let changes = 0
  beforeAll(async () => {
    const { trial } = await lost()
    const interruptions = new Interruptions(trial)
    await trial.takeOver()
    changes = interruptions.changes
  })

  test.each(['before', 'after'] as const)('%s any change is done again at the next start', async (how) => {
    expect(changes).toBeGreaterThan(8)
    for (let at = 1; at <= changes; at++) {
      const { trial, before } = await lost()
      const interruptions = new Interruptions(trial)
      interruptions.interrupt(at, how)
      const taking = trial.takeOver()
      taking.catch(() => undefined)
      await trial.clock.advance(1_000)
      interruptions.end()
      await trial.takeOver()
      await trial.clock.advance(10_000)
      expect(await view(trial), `killed ${how} change ${at} of ${changes}`).toEqual(before)
    }
  })

  test('and fails at any change says so, and is done again at the next start', async () => {
    for (let at = 1; at <= changes; at++) {
      const { trial, before } = await lost()
      const interruptions = new Interruptions(trial)
      interruptions.interrupt(at, 'fails')
      await trial.takeOver().catch((error: unknown) => expect(error).toBeInstanceOf(StorageError))
      interruptions.end()
      await trial.takeOver()
      await trial.clock.advance(10_000)
      expect(await view(trial), `failed at change ${at} of ${changes}`).toEqual(before)
    }
  })
})

test('a store that fails in the middle fails the take-over, which is done again later', async () => {
  const { trial, before } = await lost()
  const { get } = trial.store
  let reads = 0
  let failing = 1
  Object.assign(trial.store, {
    get: (...args: Parameters<typeof get>) => {
      if (++reads === failing) throw new StorageError('unavailable', true)
      return get(...args)
    },
  })
  for (let isDone = false; !isDone; failing++) {
    reads = 0
    isDone = await trial.takeOver().then(
      () => true,
      (error: unknown) => {
        expect(error).toBeInstanceOf(StorageError)
        return false
      },
    )
  }
  expect(failing).toBeGreaterThan(6)
  Object.assign(trial.store, { get })
  await trial.clock.advance(10_000)
  expect(await view(trial)).toEqual(before)
})

test('what a receiver has recorded itself goes on as it is', async () => {
  const trial = new Trial()
  await sendRun(trial, { ...FIRST, isEnded: false })
  await trial.clock.advance(10_000)
  const before = await trial.recordedText('cam.m3u8')
  await trial.takeOver()
  expect(await trial.recordedText('cam.m3u8')).toBe(before)
  await trial.segments(['cam000000009.ts'])
  await trial.put('cam.m3u8', mediaList(7, ['cam000000007.ts', 'cam000000008.ts', 'cam000000009.ts']))
  expect(await trial.recorded('cam.m3u8')).toHaveLength(9)
})

test('what an attempt has left that did not come to its end is not taken for the recording', async () => {
  const trial = new Trial()
  const run = storeKey('live', 'cam-2026-11-22_09-00-00.000.m3u8')
  const entries = Array.from({ length: 6_000 }, (_, index) => `#EXTINF:2,\nx${index}.ts\n`)
  const textOf = (number: number, count: number) =>
    `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${number}\n#EXT-X-PLAYLIST-TYPE:VOD\n${entries.slice(0, count).join('')}`
  const plant = (key: string, text: string) =>
    trial.store.put(key, contentOf(new TextEncoder().encode(text)), { contentType: 'text/plain' })
  await plant(storeKey('live', 'cam.m3u8'), mediaList(9_000, ['x8999.ts'], '#EXT-X-ENDLIST'))
  await plant(run, textOf(0, 6_000))
  const interruptions = new Interruptions(trial)
  interruptions.interrupt(3, 'fails')
  await expect(trial.takeOver()).rejects.toThrow(StorageError)
  interruptions.end()
  expect([...trial.journal.entries('a/')].length).toBeGreaterThan(0)
  await plant(run, textOf(7, 5))
  await trial.takeOver()
  expect(await trial.recorded('cam.m3u8')).toHaveLength(6)
})
