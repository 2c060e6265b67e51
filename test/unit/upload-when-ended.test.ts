import { beforeEach, expect, test } from 'vitest'
import { Receiver } from '../../src/core/receiver.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NOT_SHARED } from '../../src/core/sharing/sharing.ts'
import { DEFAULT_MOUNT } from '../../src/core/upload-target.ts'
import { BLOCK_ENTRIES, NEVER_STALE, STORING, simulatedHost } from '../simulation/world/surroundings.ts'
import { mediaList, Trial } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
const QUIET_MS = 60_000
const SETTLED_MS = 5_000

let trial: Trial
let lives: number

beforeEach(async () => {
  trial = new Trial()
  lives = 0
  await start()
})

async function start(policy: 'append_list' | 'overwrite' = 'append_list'): Promise<void> {
  const { clock, journal, files, store } = trial
  trial.receiver = new Receiver({
    ...{ journal, files, store, mounts: [DEFAULT_MOUNT], maxSegmentBytes: 1e9, zone: 'UTC', stale: NEVER_STALE },
    sharing: NOT_SHARED,
    blockEntries: BLOCK_ENTRIES,
    host: simulatedHost(clock, ++lives),
    storing: { ...STORING, when: 'ended', quietMs: QUIET_MS },
    policyFor: policies([{ policy, app: undefined, stream: undefined }]),
  })
  await trial.receiver.recover()
}

/** Names in the store, after a while. */
async function stored(ms = SETTLED_MS): Promise<string[]> {
  await trial.clock.advance(ms)
  const { keys } = await trial.store.list('live/streams/')
  const names = keys.map((key) => key.slice('live/streams/'.length))
  // Playlists of runs have a test of their own.
  return names.filter((name) => !/-\d{4}-.*\.m3u8$/.test(name))
}

test('nothing of a stream goes into the store before it has ended, and everything then', async () => {
  await trial.segments(['a1.ts', 'a2.ts', 'b1.ts'])
  await trial.put('a.m3u8', mediaList(1, ['a1.ts']))
  await trial.put('a.m3u8', mediaList(2, ['a2.ts']))
  await trial.put('b.m3u8', mediaList(1, ['b1.ts']))
  expect(await stored()).toEqual([])
  expect(await trial.played('a.m3u8')).toContain('a2.ts')
  await trial.put('a.m3u8', mediaList(2, ['a2.ts'], END))
  expect(await stored()).toEqual(['a.m3u8', 'a1.ts', 'a2.ts'])
})

test('P2: a multivariant playlist leads in the store to renditions that have ended', async () => {
  await trial.segments(['a_1p1.ts', 'a_2p1.ts'])
  await trial.put('a_1p.m3u8', mediaList(1, ['a_1p1.ts'], END))
  await trial.put('a_2p.m3u8', mediaList(1, ['a_2p1.ts']))
  const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na_1p.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\na_2p.m3u8\n'
  await trial.put('a.m3u8', master)
  await stored()
  const text = async () => Buffer.from((await bytesOf('a.m3u8')) ?? []).toString()
  expect(await text()).toContain('a_1p.m3u8')
  expect(await text()).not.toContain('a_2p.m3u8')
  await trial.put('a_2p.m3u8', mediaList(1, ['a_2p1.ts'], END))
  await stored()
  expect(await text()).toBe(master)
})

async function bytesOf(name: string): Promise<Uint8Array | undefined> {
  const found = await trial.store.get(`live/streams/${name}`)
  for await (const chunk of found?.body ?? []) return chunk
  return undefined
}

test('what never ends goes when its stream brought nothing for long enough, whatever goes on beside it', async () => {
  await trial.segments(['a1.ts', 'sub/c1.ts'])
  await trial.put('a.m3u8', mediaList(1, ['a1.ts']))
  await trial.clock.advance(QUIET_MS / 2)
  await trial.segments(['a2.ts'])
  expect(await stored(QUIET_MS / 2 - 1)).toEqual([])
  expect(await stored(15_000)).toEqual(['sub/c1.ts'])
  await trial.segments(['b1.ts'])
  await trial.clock.advance(QUIET_MS / 2)
  await trial.segments(['b2.ts'])
  expect(await stored(QUIET_MS / 2)).toEqual(['a.m3u8', 'a1.ts', 'a2.ts', 'sub/c1.ts'])
})

test('an init section that may be of any stream waits for all of its folder', async () => {
  await trial.segments(['init.mp4', 'a1.ts'])
  for (let count = 2; count < 6; count++) {
    await trial.clock.advance(QUIET_MS / 2)
    await trial.segments([`a${count}.ts`])
  }
  expect(await stored()).toEqual([])
  expect(await stored(QUIET_MS + 15_000)).toContain('init.mp4')
})

test('an init section goes with a list that ends, though other streams go on in its folder', async () => {
  await trial.put('init.mp4', 'init')
  await trial.segments(['a1.m4s'])
  await trial.put('a.m3u8', mediaList(1, ['#EXT-X-MAP:URI="init.mp4"', 'a1.m4s'], END))
  await trial.segments(['b1.m4s'])
  expect(await stored()).toEqual(['a.m3u8', 'a1.m4s', 'init.mp4'])
  // The single file of a stream that goes on is none.
  await trial.put('c.ts', 'single')
  await trial.put('c.m3u8', mediaList(1, ['#EXT-X-BYTERANGE:6@0', 'c.ts']))
  await trial.put('a.m3u8', mediaList(1, ['#EXT-X-MAP:URI="init.mp4"', 'a1.m4s'], END, '# again'))
  expect(await stored()).not.toContain('c.ts')
})

test('P1: what was held goes on being held after a restart, and is not lost', async () => {
  await trial.segments(['a1.ts'])
  await trial.put('a.m3u8', mediaList(1, ['a1.ts']))
  await trial.receiver.close(1_000)
  trial.clock.forget()
  await start()
  expect(await stored()).toEqual([])
  await trial.put('a.m3u8', mediaList(1, ['a1.ts'], END))
  expect(await stored()).toEqual(['a.m3u8', 'a1.ts'])
})

test('what was overwritten while it was held is there in its newest form', async () => {
  await start('overwrite')
  await trial.put('a1.ts', 'old')
  await trial.put('a1.ts', 'new')
  await trial.put('a.m3u8', mediaList(1, ['a1.ts'], END))
  expect(await stored()).toEqual(['a.m3u8', 'a1.ts'])
  expect(Buffer.from((await bytesOf('a1.ts')) ?? []).toString()).toBe('new')
})
