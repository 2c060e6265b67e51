import { beforeEach, expect, test } from 'vitest'
import { alsoReadFrom } from '../../src/core/also-read-from.ts'
import { contentOf } from '../../src/core/catalog.ts'
import { type ObjectStore, StorageError } from '../../src/core/object-store.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { bytesOf, readAll } from '../conformance/store-bodies.ts'

const OPTIONS = { contentType: 'video/mp2t' }

let now: ObjectStore
let before: ObjectStore
let store: ObjectStore

beforeEach(async () => {
  now = memoryStore(() => 0)
  before = memoryStore(() => 0)
  store = alsoReadFrom(now, before)
  await before.put('both', contentOf(bytesOf('old', 10)), OPTIONS)
  await before.put('old', contentOf(bytesOf('old', 20)), OPTIONS)
  await now.put('both', contentOf(bytesOf('new', 30)), OPTIONS)
})

const sizeOf = async (key: string) => [(await store.head(key))?.size, (await store.get(key))?.size]
const failing = async () => {
  throw new StorageError('unavailable', true)
}

test('what is in one of them is found, and of what is in both the newer', async () => {
  expect(await sizeOf('both')).toEqual([30, 30])
  expect(await sizeOf('old')).toEqual([20, 20])
  expect(await store.head('none')).toBeNull()
  const part = await store.get('old', { range: { start: 5, end: 9 } })
  expect(part && Buffer.from(await readAll(part.body))).toEqual(Buffer.from(bytesOf('old', 20).subarray(5, 9)))
})

test('nothing is put where objects went before', async () => {
  await store.put('more', contentOf(bytesOf('more', 5)), OPTIONS)
  expect([await before.head('more'), (await now.head('more'))?.size]).toEqual([null, 5])
  expect((await store.list('')).keys).toEqual(['both', 'more'])
})

test('a removal is from both, and failed as long as one fails', async () => {
  const remove = before.delete
  before.delete = failing
  await expect(store.delete(['both', 'old'])).rejects.toThrow()
  before.delete = remove
  await store.delete(['both', 'old'])
  expect([await sizeOf('both'), await sizeOf('old')]).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ])
})

test.each(['now', 'before'])(
  'where the one %s fails, what the other has is found, and nothing else is missing',
  async (which) => {
    const failed = which === 'now' ? now : before
    Object.assign(failed, { get: failing, head: failing })
    expect(await sizeOf('both')).toEqual(which === 'now' ? [10, 10] : [30, 30])
    await expect(store.head('none')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.get('none')).rejects.toMatchObject({ code: 'unavailable' })
  },
)

test('a flush is of both', async () => {
  const flushed: string[] = []
  now.flush = async () => void flushed.push('now')
  before.flush = async () => void flushed.push('before')
  await store.flush()
  expect(flushed).toEqual(['now', 'before'])
})
