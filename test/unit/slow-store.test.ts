import { expect, test } from 'vitest'
import { Receiver } from '../../src/core/receiver.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NOT_SHARED } from '../../src/core/sharing/sharing.ts'
import { DEFAULT_MOUNT } from '../../src/core/upload-target.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { BLOCK_ENTRIES, NEVER_STALE, STORING, simulatedHost } from '../simulation/world/surroundings.ts'
import { mediaList, names, Trial } from '../support/trial.ts'

const LIST = 'a.m3u8'
const SEGMENT_MS = 2_000
const PUT_MS = 3_000

test('P9: a playlist goes on in a store that takes longer for a segment than it lasts, after what it names', async () => {
  const trial = new Trial()
  const { clock, journal, files } = trial
  const store = memoryStore(() => clock.now())
  const put = store.put.bind(store)
  const stored = new Set<string>()
  const written: string[][] = []
  store.put = async (key, body, options) => {
    if (!key.endsWith(LIST)) await new Promise<void>((resolve) => void clock.after(PUT_MS, resolve))
    else {
      const uris = readServed(new TextDecoder().decode(body.bytes)).entries.map(({ uri }) => uri)
      expect(uris.filter((uri) => !stored.has(`live/streams/${uri}`))).toEqual([])
      written.push(uris)
    }
    await put(key, body, options)
    stored.add(key)
  }
  const parts = { host: simulatedHost(clock, 1), journal, files, store, mounts: [DEFAULT_MOUNT] }
  trial.receiver = new Receiver({
    ...parts,
    maxSegmentBytes: 1e9,
    zone: 'UTC',
    storing: STORING,
    stale: NEVER_STALE,
    sharing: NOT_SHARED,
    policyFor: policies([]),
    blockEntries: BLOCK_ENTRIES,
  })
  const all = names('a', 40)
  for (let count = 1; count <= all.length; count++) {
    const first = Math.max(0, count - 5)
    await trial.segments(all.slice(count - 1, count))
    await trial.put(LIST, mediaList(first, all.slice(first, count)))
    await clock.advance(SEGMENT_MS)
  }
  expect(written.length).toBeGreaterThan((all.length * SEGMENT_MS) / PUT_MS / 2)
  await clock.advance(2 * PUT_MS)
  expect(written.at(-1)).toEqual(all.slice(-5))
})
