import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { type ObjectStore, StorageError } from '../../src/core/object-store.ts'
import type { BodyContent } from '../../src/core/ports.ts'
import { type BodyForm, bodyOf, readAll } from './store-bodies.ts'

/** A store with what a test must know besides. */
export interface StoreUnderTest {
  readonly store: ObjectStore
  /** Temporary things that a put left behind. */
  leftovers(): Promise<string[]>
}

/** Makes an empty store; whatever it keeps on disk lies below `folder`. */
export type StoreFactory = (folder: string) => StoreUnderTest | Promise<StoreUnderTest>

/** How every test puts. */
export const OPTIONS = { contentType: 'video/mp2t' }

/** Gives each test of a suite an empty store, and what is done to it again and again. */
export function useStore(create: StoreFactory) {
  let folder = ''
  let bodies = ''
  let store: ObjectStore
  let leftovers: () => Promise<string[]>

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'object-store-'))
    bodies = join(folder, 'bodies')
    await mkdir(bodies)
    ;({ store, leftovers } = await create(join(folder, 'store')))
  })

  afterEach(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  const put = async (key: string, form: BodyForm, bytes: Uint8Array, ifAbsent = false) =>
    store.put(key, await bodyOf(form, bytes, bodies), { ...OPTIONS, ifAbsent })

  const read = async (key: string): Promise<Uint8Array | null> => {
    const found = await store.get(key)
    return found === null ? null : readAll(found.body)
  }

  /** The error of a put that must fail: always a StorageError, and no trace of it. */
  const failedPut = async (
    key: string,
    body: BodyContent,
    options: { ifAbsent?: boolean; signal?: AbortSignal } = {},
  ) => {
    const before = await read(key)
    const error: unknown = await store.put(key, body, { ...OPTIONS, ...options }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StorageError)
    expectSame(await read(key), before)
    expect(await leftovers()).toEqual([])
    return error as StorageError
  }

  const keysOf = async (prefix: string) => {
    const pages: (readonly string[])[] = []
    let cursor: string | undefined
    do {
      const page = await (cursor === undefined ? store.list(prefix) : store.list(prefix, cursor))
      pages.push(page.keys)
      cursor = page.cursor
    } while (cursor !== undefined)
    return pages
  }

  return {
    get store() {
      return store
    },
    get folder() {
      return folder
    },
    get bodies() {
      return bodies
    },
    leftovers: () => leftovers(),
    put,
    read,
    failedPut,
    keysOf,
  }
}

/** Compares bytes; the assertions for arrays would look at each byte. */
export function expectSame(found: Uint8Array | null, wanted: Uint8Array | null): void {
  const show = (bytes: Uint8Array | null) =>
    bytes === null ? 'nothing' : `${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 20)).toString()}`
  const isSame = found === null || wanted === null ? found === wanted : Buffer.compare(found, wanted) === 0
  expect(isSame, `found ${show(found)}, wanted ${show(wanted)}`).toBe(true)
}
