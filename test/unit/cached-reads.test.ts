import { beforeEach, describe, expect, test } from 'vitest'
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

const names = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`)

test('as many objects as there are can be read at once, whatever the budget', async () => {
  for (const key of names(40)) await inner.put(key, contentOf(bytesOf(key, SIZE)), OPTIONS)
  const found = await Promise.all(names(40).map((key) => read(key)))
  expect(found).toEqual(names(40).map((key) => bytesOf(key, SIZE)))
})

describe('an object that changes while it is fetched', () => {
  test.each<[string, () => Promise<void>, Uint8Array | null]>([
    ['is written', () => store.put(KEY, contentOf(bytesOf('new', SIZE)), OPTIONS), bytesOf('new', SIZE)],
    ['is deleted', () => store.delete([KEY]), null],
  ])('%s: those who wait get what was fetched, those who come later what is there', async (_what, change, after) => {
    const get = inner.get.bind(inner)
    let goOn = () => {}
    const began = new Promise<void>((resolve) => {
      inner.get = async (key, options) => {
        const found = await get(key, options)
        resolve()
        await new Promise<void>((done) => {
          goOn = done
        })
        return found
      }
    })
    const waiting = [read(KEY), read(KEY)]
    await began
    inner.get = get
    await change()
    goOn()
    expect(await Promise.all(waiting)).toEqual([bytesOf('a', SIZE), bytesOf('a', SIZE)])
    expect(await read(KEY)).toEqual(after)
  })
})

test('P6: while slow readers hold as much as may be kept, reads are passed on, and no more is held', async () => {
  for (const key of names(9)) await inner.put(key, contentOf(bytesOf(key, SIZE)), OPTIONS)
  const range = { start: 10, end: 20 }
  const passed: string[] = []
  const get = inner.get.bind(inner)
  inner.get = (key, options) => {
    if (options?.range !== undefined) passed.push(key)
    return get(key, options)
  }
  const slow: AsyncIterator<Uint8Array>[] = []
  for (const key of names(8)) {
    const found = await store.get(key, { size: SIZE, range })
    if (found !== null) slow.push(found.body[Symbol.asyncIterator]())
  }
  expect(passed).toEqual(names(8).slice(2))
  // Others may read what is held.
  expect(await read('a0', range)).toEqual(bytesOf('a0', SIZE).subarray(10, 20))
  for (const body of slow) await body.return?.()
  expect(await read('a8', range)).toEqual(bytesOf('a8', SIZE).subarray(10, 20))
  expect(passed).toEqual(names(8).slice(2))
})

test('P6: what is kept makes room for what readers hold', async () => {
  for (const key of names(4)) await inner.put(key, contentOf(bytesOf(key, SIZE)), OPTIONS)
  await store.get('a0', { size: SIZE })
  for (const key of ['a1', 'a2', 'a3']) await read(key)
  expect(reads).toBe(4)
  // Of two, one is held; so one is kept.
  await read('a3')
  expect(reads).toBe(4)
  await read('a2')
  expect(reads).toBe(5)
})
