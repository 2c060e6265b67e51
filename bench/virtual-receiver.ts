import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RECORDING_BLOCK_ENTRIES } from '../src/core/limits.ts'
import type { ObjectStore } from '../src/core/object-store.ts'
import type { BodySource } from '../src/core/ports.ts'
import { Receiver } from '../src/core/receiver.ts'
import { policies } from '../src/core/restart-policy.ts'
import { NOT_SHARED } from '../src/core/sharing/sharing.ts'
import { DEFAULT_MOUNT } from '../src/core/upload-target.ts'
import { diskBodyFiles } from '../src/node/disk-body-files.ts'
import { diskStore } from '../src/node/disk-store.ts'
import { nodeHost } from '../src/node/host.ts'
import { openLmdbJournal } from '../src/node/lmdb-journal.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A receiver on disk, in this process, whose time is told to go by. */
export interface VirtualReceiver {
  /** Bytes that were put into its store so far. */
  storedBytes(): number
  put(name: string, text: string): Promise<void>
  /** Lets time go by, and what the receiver does in it. */
  advance(ms: number): Promise<void>
  now(): number
  close(): Promise<void>
}

const APP = 'live'
const DAY_MS = 86_400_000
const CLOSE_MS = 60_000
const CLOSE_STEP_MS = 100
/** In real time, for what is on its way to the disk. */
const CLOSE_PAUSE_MS = 20
const encoder = new TextEncoder()

/** Opens one that the real receiver can go on from, with DATA_DIR as `folder`. Nothing is synced: only CPU time counts. */
export async function openVirtualReceiver(folder: string): Promise<VirtualReceiver> {
  const [scratch, bodies] = ['scratch', 'bodies'].map((name) => join(folder, '.receiver', name))
  for (const each of [scratch, bodies]) mkdirSync(each ?? '', { recursive: true })
  const clock = new VirtualClock()
  const journal = openLmdbJournal(join(folder, '.receiver', 'journal.mdb'), false)
  const counted = countPuts(diskStore(folder, scratch ?? ''))
  const quiet = () => {}
  const log = { info: quiet, warn: quiet, error: (event: string, fields?: object) => console.error(event, fields) }
  let ids = 0
  const nextId = () => `${clock.now().toString(36).padStart(9, '0')}${(ids++).toString(36).padStart(8, '0')}`
  const host = { ...nodeHost(log, { count: quiet, lag: quiet }, nextId), clock }
  const receiver = new Receiver({
    host,
    journal,
    files: diskBodyFiles(bodies ?? '', false),
    store: counted.store,
    sharing: NOT_SHARED,
    mounts: [DEFAULT_MOUNT],
    maxSegmentBytes: 1e9,
    zone: 'UTC',
    stale: { afterMs: DAY_MS, action: 'keep' },
    policyFor: policies([]),
    blockEntries: RECORDING_BLOCK_ENTRIES,
    storing: {
      spool: { maxBytes: 1e12, maxAgeMs: DAY_MS },
      when: 'live',
      quietMs: DAY_MS,
      playlistIntervalMs: 1_000,
      playlistCacheControl: 'no-cache',
      objectCacheControl: 'no-cache',
    },
  })
  await receiver.recover()
  return {
    storedBytes: counted.bytes,
    put: async (name, text) => void (await receiver.upload({ app: APP, name, owner: '' }, sourceOf(text))),
    advance: (ms) => clock.advance(ms, counted.settled),
    now: () => clock.now(),
    async close() {
      let isClosed = false
      const closing = receiver.close(CLOSE_MS).then(() => {
        isClosed = true
      })
      while (!isClosed) {
        await sleep(CLOSE_PAUSE_MS)
        await clock.advance(CLOSE_STEP_MS, counted.settled)
      }
      await closing
      await journal.close()
    },
  }
}

/** A store that counts what is put, and can be waited for. */
function countPuts(store: ObjectStore) {
  let bytes = 0
  const running = new Set<Promise<void>>()
  const put = store.put.bind(store)
  store.put = (key, body, options) => {
    bytes += body.size
    const done = put(key, body, options)
    running.add(done)
    return done.finally(() => running.delete(done))
  }
  const settled = async () => {
    await new Promise((resolve) => void setImmediate(resolve))
    while (running.size > 0) await Promise.all(running)
    await new Promise((resolve) => void setImmediate(resolve))
  }
  return { store, bytes: () => bytes, settled }
}

function sourceOf(text: string): BodySource {
  const bytes = encoder.encode(text)
  return { declaredBytes: bytes.length, read: async (take) => void (await take(bytes)) }
}

/** Opaque bytes of a segment that costs nothing to speak of. */
export function tinySegment(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}
