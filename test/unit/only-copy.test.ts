import { existsSync, readlinkSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ObjectStore } from '../../src/core/object-store.ts'
import { diskStore } from '../../src/node/disk-store.ts'
import { BODY_FORMS, bodyOf, bytesOf } from '../conformance/store-bodies.ts'

const KEY = 'live/streams/cam1.mp4'
const SIZE = 150_000

/** Files and folders that were made durable, with whether the name was there already. */
const synced = vi.hoisted(() => ({ onFile: (_fd: number): void => {}, folders: [''] }))

vi.mock('../../src/node/files.ts', async (original) => {
  const files = await original<typeof import('../../src/node/files.ts')>()
  return {
    ...files,
    syncFile: async (fd: number) => {
      await files.syncFile(fd)
      synced.onFile(fd)
    },
    syncFolder: async (path: string) => {
      await files.syncFolder(path)
      synced.folders.push(path)
    },
  }
})

let folder: string
let store: ObjectStore
let seen: { bytes: number; isNamed: boolean }[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'only-copy-'))
  await mkdir(join(folder, 'bodies'))
  store = diskStore(join(folder, 'root'), join(folder, 'scratch'))
  const target = join(folder, 'root', KEY)
  seen = []
  synced.folders = []
  const sizes: Promise<void>[] = []
  synced.onFile = (fd) => {
    const isNamed = existsSync(target)
    sizes.push(stat(readlinkSync(`/proc/self/fd/${fd}`)).then(({ size }) => void seen.push({ bytes: size, isNamed })))
  }
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const put = async (form: (typeof BODY_FORMS)[number], isOnlyCopy: boolean) =>
  store.put(KEY, await bodyOf(form, bytesOf('only', SIZE), join(folder, 'bodies')), {
    contentType: 'video/mp4',
    isOnlyCopy,
  })

test.each(BODY_FORMS)('P1: what nothing else keeps is on the disk before it has its name: %s', async (form) => {
  await put(form, true)
  await vi.waitFor(() => expect(seen).toEqual([{ bytes: SIZE, isNamed: false }]))
  await store.flush()
  expect(synced.folders).toContain(join(folder, 'root/live/streams'))
})

test('what the journal keeps costs no sync of its own', async () => {
  for (const form of BODY_FORMS) await put(form, false)
  expect(seen).toEqual([])
})

test('a file that cannot be synced is not kept', async () => {
  synced.onFile = () => {
    throw new Error('EIO')
  }
  await expect(put('path', true)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await store.head(KEY)).toBeNull()
})
