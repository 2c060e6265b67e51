import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import type { ObjectStore } from '../../src/core/object-store.ts'
import { diskStore } from '../../src/node/disk-store.ts'
import { bytesOf } from '../conformance/store-bodies.ts'

const OPTIONS = { contentType: 'video/mp2t' }

/** What the file system does. */
const system = vi.hoisted(() => ({
  sync: async (_path: string): Promise<void> => {},
  remove: async (): Promise<void> => {},
}))

vi.mock('../../src/node/files.ts', async (original) => ({
  ...(await original<typeof import('../../src/node/files.ts')>()),
  syncFolder: (path: string) => system.sync(path),
  removeFile: () => system.remove(),
}))

let folder: string
let store: ObjectStore

beforeEach(async () => {
  system.sync = async () => {}
  system.remove = async () => {}
  folder = await mkdtemp(join(tmpdir(), 'disk-store-'))
  store = diskStore(join(folder, 'root'), join(folder, 'scratch'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const put = (key: string) => store.put(key, contentOf(bytesOf(key, 10)), OPTIONS)

test('P1: a flush waits for what another one is still syncing', async () => {
  await put('live/a.ts')
  let isSynced = false
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const began = new Promise<void>((resolve) => {
    system.sync = async () => {
      resolve()
      await ended
      isSynced = true
    }
  })
  const first = store.flush()
  await began
  const second = store.flush().then(() => isSynced)
  // All that a flush of nothing takes.
  await new Promise(setImmediate)
  end()
  expect(await second).toBe(true)
  await first
})

test('P1: what a flush could not sync is synced by the next, also by one that waits already', async () => {
  await put('live/a.ts')
  let failed = ''
  const synced = new Set<string>()
  system.sync = async (path) => {
    if (failed !== '') synced.add(path)
    else {
      failed = path
      throw new Error('EIO')
    }
  }
  const [first, second] = await Promise.allSettled([store.flush(), store.flush()])
  expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
  expect(synced).toContain(failed)
})

test('a put that fails says why, also where its rest cannot be removed', async () => {
  system.remove = () => Promise.reject(new Error('EACCES'))
  const broken = {
    size: 10,
    async *stream(): AsyncGenerator<Uint8Array> {
      yield await Promise.reject(new Error('the body broke off'))
    },
  }
  await expect(store.put('live/a.ts', broken, OPTIONS)).rejects.toMatchObject({
    cause: { message: 'the body broke off' },
  })
})

test('P1: what was deleted is gone for good once that is flushed', async () => {
  const synced: string[] = []
  await put('live/a.ts')
  await store.flush()
  system.sync = async (path) => void synced.push(path)
  await store.delete(['live/a.ts', 'live/never.ts'])
  await store.flush()
  expect(synced).toEqual([join(folder, 'root/live')])
})
