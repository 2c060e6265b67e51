import { beforeEach, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { type ObjectStore, StorageError } from '../../src/core/object-store.ts'
import { cachedReads } from '../../src/stores/cached-reads.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { bytesOf, readAll } from '../conformance/store-bodies.ts'

const KEY = 'live/streams/a1.ts'
const SIZE = 1_000
const OPTIONS = { contentType: 'video/mp2t' }

let inner: ObjectStore
let store: ObjectStore
let reads: number

beforeEach(async () => {
  inner = memoryStore(() => 0)
  reads = 0
  const get = inner.get.bind(inner)
  inner.get = (key, options) => {
    reads++
    return get(key, options)
  }
  store = cachedReads(inner, 2 * SIZE, SIZE)
  await inner.put(KEY, contentOf(bytesOf('a', SIZE)), OPTIONS)
})

async function read(key: string, range?: { start: number; end: number }, size = SIZE): Promise<Uint8Array | null> {
  const found = await store.get(key, { size, ...(range === undefined ? {} : { range }) })
  return found && readAll(found.body)
}

test('one fetch serves all who wait for an object, and its ranges', async () => {
  const ranges = [undefined, { start: 0, end: 10 }, { start: 500, end: SIZE }, undefined]
  const found = await Promise.all(ranges.map((range) => read(KEY, range)))
  const whole = bytesOf('a', SIZE)
  expect(found.map((bytes) => bytes && Buffer.from(bytes))).toEqual(
    ranges.map((range) => Buffer.from(whole.subarray(range?.start, range?.end))),
  )
  await store.head(KEY, { size: SIZE })
  expect(reads).toBe(1)
})

test('a larger object, or one of unknown size, is passed on with its range', async () => {
  await inner.put('large', contentOf(bytesOf('b', SIZE + 1)), OPTIONS)
  for (let round = 0; round < 3; round++) expect(await read('large', { start: 1, end: 3 }, SIZE + 1)).toHaveLength(2)
  await store.get(KEY)
  expect(reads).toBe(4)
})

test('P6: what was read longest ago makes room', async () => {
  for (const key of ['b', 'c']) await inner.put(key, contentOf(bytesOf(key, SIZE)), OPTIONS)
  for (const key of [KEY, 'b', 'c', KEY]) await read(key)
  expect(reads).toBe(4)
  await read('c')
  expect(reads).toBe(4)
})

test('what is missing, or failed, is asked for again', async () => {
  expect(await read('none')).toBeNull()
  await inner.put('none', contentOf(bytesOf('n', 5)), OPTIONS)
  expect(await read('none')).toHaveLength(5)
  const { get } = inner
  inner.get = () => Promise.reject(new StorageError('unavailable', true))
  await inner.put('b', contentOf(bytesOf('b', 5)), OPTIONS)
  const failures = await Promise.allSettled([read('b'), read('b')])
  expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  inner.get = get
  expect(await read('b')).toHaveLength(5)
})

test('what is replaced or deleted is not remembered', async () => {
  await read(KEY)
  await store.put(KEY, contentOf(bytesOf('new', SIZE)), OPTIONS)
  expect(await read(KEY)).toEqual(bytesOf('new', SIZE))
  await store.delete([KEY])
  expect(await read(KEY)).toBeNull()
})
