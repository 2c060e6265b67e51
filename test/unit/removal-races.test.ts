import { describe, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { Receiver } from '../../src/core/receiver.ts'
import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NOT_SHARED } from '../../src/core/sharing/sharing.ts'
import { DEFAULT_MOUNT } from '../../src/core/upload-target.ts'
import { BLOCK_ENTRIES, NEVER_STALE, STORING, simulatedHost } from '../simulation/world/surroundings.ts'
import { dangling, danglingFor } from '../support/dangling.ts'
import { amongOthers, broadcast, DELAY_MS, deleting, END, GONE_MS, RENDITIONS } from '../support/going-stream.ts'
import { kept, storedNames } from '../support/kept.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LISTS = ['cam_adaptive.m3u8', ...RENDITIONS.map((name) => `${name}.m3u8`), 'cam1.m3u8']

/** Has the store delete nothing until the returned function is called. */
function downForDeletes({ store }: Trial): () => void {
  const remove = store.delete
  store.delete = () => Promise.reject(new StorageError('unavailable', true))
  return () => {
    store.delete = remove
  }
}

describe('P2: while a stream is removed', () => {
  test('no playlist leads to what is gone, here or in the store', async () => {
    const trial = await amongOthers()
    await broadcast(trial)
    await trial.clock.advance(DELAY_MS - 2_000)
    const { store } = trial
    const remove = store.delete.bind(store)
    const wrong: string[] = []
    store.delete = async (keys) => {
      await remove(keys)
      wrong.push(...(await dangling(trial, LISTS)))
    }
    wrong.push(...(await danglingFor(trial, LISTS, 60_000)))
    expect(wrong).toEqual([])
    expect(await storedNames(trial)).not.toContain('cam_360p800kbps000000000.m4s')
  })

  test('multivariant playlists of others leave it out first, and go with the last that they lead to', async () => {
    const trial = await deleting()
    const list = (name: string, ...end: string[]) => trial.put(`${name}.m3u8`, mediaList(0, [`${name}0.ts`], ...end))
    await trial.segments(['a0.ts', 'b0.ts'])
    await list('a')
    await list('b')
    await trial.put(
      'all.m3u8',
      '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n',
    )
    await list('a', END)
    const lists = ['all.m3u8', 'a.m3u8', 'b.m3u8']
    expect(await danglingFor(trial, lists, GONE_MS)).toEqual([])
    expect(await trial.stored('all.m3u8')).toBe('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n')
    await list('b', END)
    expect(await danglingFor(trial, lists, GONE_MS)).toEqual([])
    expect(await storedNames(trial)).toEqual([])
  })
})

describe('P1: an encoder that comes back while its stream is removed', () => {
  test.each([[' anew'], ['']])('loses nothing of what it sends, with the mark %j', async (mark) => {
    const trial = await amongOthers()
    await broadcast(trial)
    const up = downForDeletes(trial)
    await trial.clock.advance(DELAY_MS + 1_000)
    expect(await trial.served(LISTS[1] ?? '')).toBeUndefined()
    await broadcast(trial, { count: 6, mark, hasEnd: false })
    const wrong = await danglingFor(trial, LISTS, 5_000)
    const all = Array.from({ length: 6 }, (_, number) => expect.stringContaining(`cam_360p800kbps${number}${mark}`))
    expect(await trial.recorded(LISTS[1] ?? '')).toEqual(all)
    up()
    wrong.push(...(await danglingFor(trial, LISTS, GONE_MS)))
    expect(wrong).toEqual([])
    expect(await trial.recorded(LISTS[1] ?? '')).toEqual(all)
    expect(await trial.stored(LISTS[1] ?? '')).toBe(await trial.served(LISTS[1] ?? ''))
    expect(await trial.stored(LISTS[0] ?? '')).toBe(await trial.served(LISTS[0] ?? ''))
    // 6 segments and an unnamed one, an init section, of two renditions, and their lists.
    const own = (await storedNames(trial)).filter((name) => name.startsWith('cam_'))
    expect(own.length).toBe(2 * 8 + 3)
  })

  test('gets none of the old files, though its list overtakes its own', async () => {
    const trial = await amongOthers()
    await broadcast(trial)
    const up = downForDeletes(trial)
    await trial.clock.advance(DELAY_MS + 1_000)
    const [segment = '', list = ''] = ['cam_360p800kbps000000000.m4s', LISTS[1]]
    await trial.put(list, mediaList(0, [segment]))
    expect(await trial.played(list)).toEqual([])
    await trial.put(segment, 'anew')
    expect(await trial.played(list)).toEqual(['anew'])
    up()
    expect(await danglingFor(trial, LISTS, GONE_MS)).toEqual([])
    expect(await trial.played(list)).toEqual(['anew'])
  })

  test('may come and go, and come again', async () => {
    const trial = await amongOthers()
    const before = await kept(trial)
    await broadcast(trial)
    const up = downForDeletes(trial)
    await trial.clock.advance(DELAY_MS + 1_000)
    await broadcast(trial, { count: 3, mark: ' of life 2' })
    await trial.clock.advance(DELAY_MS + 1_000)
    expect(await trial.served(LISTS[1] ?? '')).toBeUndefined()
    await broadcast(trial, { count: 4, mark: ' of life 3', hasEnd: false })
    up()
    expect(await danglingFor(trial, LISTS, GONE_MS)).toEqual([])
    expect(await trial.recorded(LISTS[1] ?? '')).toHaveLength(4)
    expect(await trial.stored(LISTS[1] ?? '')).toBe(await trial.served(LISTS[1] ?? ''))
    await broadcast(trial, { count: 4, mark: ' of life 3' })
    await trial.clock.advance(3 * GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('begins anew also over a restart of the receiver', async () => {
    const trial = await amongOthers()
    await broadcast(trial)
    const up = downForDeletes(trial)
    await trial.clock.advance(DELAY_MS + 1_000)
    await broadcast(trial, { count: 3, mark: ' anew', hasEnd: false })
    await trial.restart()
    expect(await trial.recorded(LISTS[1] ?? '')).toHaveLength(3)
    await broadcast(trial, { count: 6, mark: ' anew', hasEnd: false })
    up()
    expect(await danglingFor(trial, LISTS, GONE_MS)).toEqual([])
    expect(await trial.recorded(LISTS[1] ?? '')).toHaveLength(3 + 1 + 6)
    expect(await trial.stored(LISTS[1] ?? '')).toBe(await trial.served(LISTS[1] ?? ''))
  })
})

describe('what is on its way to the store when its stream is removed', () => {
  test('does not show up there again', async () => {
    const trial = await amongOthers()
    const before = await kept(trial)
    const put = trial.store.put.bind(trial.store)
    const waiting: (() => void)[] = []
    trial.store.put = async (key, body, options) => {
      if (/cam_.*(?:5\.m4s|720p2000kbps\.m3u8)$/.test(key)) await new Promise<void>((resolve) => waiting.push(resolve))
      await put(key, body, options)
    }
    await broadcast(trial)
    await trial.clock.advance(GONE_MS)
    expect(await trial.served(LISTS[1] ?? '')).toBeUndefined()
    trial.store.put = put
    expect(waiting.length).toBeGreaterThan(2)
    for (const go of waiting) go()
    await trial.clock.advance(GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('nor does what the store refuses stay here', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    const put = trial.store.put.bind(trial.store)
    trial.store.put = async (key, body, options) => {
      if (key.endsWith('a1.ts')) throw new StorageError('refused', false)
      await put(key, body, options)
    }
    await trial.segments(names('a', 3))
    await trial.put('a.m3u8', mediaList(0, names('a', 3), END))
    await trial.clock.advance(3 * GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('nor what the store takes early, in parts', async () => {
    const trial = await deleting()
    const before = await kept(trial)
    Object.assign(trial.store.capabilities, { earlyPartBytes: 10 })
    let go = () => {}
    const put = trial.store.put.bind(trial.store)
    trial.store.putOpen = async (key, body, options) => {
      const pieces: Uint8Array[] = []
      for await (const piece of body) pieces.push(piece)
      await new Promise<void>((resolve) => {
        go = resolve
      })
      const bytes = new Uint8Array(Buffer.concat(pieces))
      await put(
        key,
        {
          size: bytes.length,
          bytes,
          stream: async function* () {
            yield bytes
          },
        },
        options,
      )
    }
    const upload = trial.begin('a0.ts')
    await upload.send('twenty bytes, or more')
    await upload.end()
    await trial.put('a.m3u8', mediaList(0, ['a0.ts'], END))
    await trial.clock.advance(GONE_MS)
    expect(await trial.served('a.m3u8')).toBeUndefined()
    go()
    await trial.clock.advance(GONE_MS)
    expect(await kept(trial)).toEqual(before)
  })

  test('nor what waits for the end of its stream', async () => {
    const trial = new Trial()
    const { clock, journal, files, store } = trial
    trial.receiver = new Receiver({
      ...{ journal, files, store, mounts: [DEFAULT_MOUNT], maxSegmentBytes: 1e9, zone: 'UTC', stale: NEVER_STALE },
      sharing: NOT_SHARED,
      host: simulatedHost(clock, 1),
      storing: { ...STORING, when: 'ended' },
      blockEntries: BLOCK_ENTRIES,
      policyFor: policies([]),
      deletion: { ...NOTHING_DELETED, onEnded: () => true, afterMs: DELAY_MS },
    })
    await trial.receiver.recover()
    await trial.segments(names('a', 3))
    await trial.put('a.m3u8', mediaList(0, names('a', 2), END))
    // It came when its stream had ended, and waits for an end that does not come.
    await trial.segments(['a7.ts'])
    expect((await kept(trial)).journal).toEqual(['U/'])
    expect(await storedNames(trial)).toEqual([])
    expect(await files.list()).toEqual([])
  })
})
