import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LmdbJournal, openLmdbJournal } from '../../src/node/lmdb-journal.ts'

/** Around the sizes at which lmdb changes the way it reads. */
const SIZES = [1, 400, 5_000, 65_535, 65_537, 400_000]

let folder: string
let journal: LmdbJournal

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'))
  journal = openLmdbJournal(join(folder, 'journal'), true)
})

afterEach(async () => {
  await journal.close()
  rmSync(folder, { recursive: true, force: true })
})

const write = (mark: string) =>
  journal.commit(SIZES.map((size) => ({ key: `${size}`, value: Buffer.alloc(size, mark) })))

test('P3: bytes that were read stay as they are, whatever is read and written afterwards', async () => {
  await write('a')
  const read = SIZES.map((size) => journal.get(`${size}`))
  await write('b')
  await write('c')
  for (const size of SIZES) journal.get(`${size}`)
  for (const _ of journal.entries(''));
  expect(read.map((bytes) => bytes?.length)).toEqual(SIZES)
  expect(read.every((bytes) => bytes?.every((byte) => byte === 'a'.charCodeAt(0)))).toBe(true)
})

describe('keys of several parts', () => {
  const LENGTHS = [1, 40, 50, 58, 60, 61, 62, 63, 64, 65, 100, 700]
  const keyOf = (length: number, part: number) => `a/${'n'.repeat(length)}\u0001${String(part).padStart(16, '0')}`

  test('are found by the first of them, and read as they were written, however long they are', async () => {
    for (const length of LENGTHS) {
      await journal.commit([2, 1].map((part) => ({ key: keyOf(length, part), value: Buffer.from([part]) })))
    }
    for (const length of LENGTHS) {
      const found = [...journal.entries(`a/${'n'.repeat(length)}\u0001`)]
      expect(found.map(([key, value]) => [key, ...value])).toEqual([1, 2].map((part) => [keyOf(length, part), part]))
      expect(journal.get(keyOf(length, 2))?.[0]).toBe(2)
    }
    await journal.commit(LENGTHS.flatMap((length) => [1, 2].map((part) => ({ key: keyOf(length, part), value: null }))))
    expect([...journal.entries('')]).toEqual([])
  })

  test('that an earlier version wrote are mended once', async () => {
    await journal.close()
    const path = join(folder, 'old')
    const old = open<Buffer, string>({ path, noSubdir: true, encoding: 'binary' })
    for (const length of LENGTHS) await old.put(keyOf(length, 1), Buffer.from([length % 256]))
    await old.put('p/live/cam.m3u8', Buffer.from('record'))
    await old.close()
    for (let life = 0; life < 2; life++) {
      journal = openLmdbJournal(path, true)
      for (const length of LENGTHS) {
        const found = [...journal.entries(`a/${'n'.repeat(length)}\u0001`)]
        expect(found.map(([key, value]) => [key, ...value])).toEqual([[keyOf(length, 1), length % 256]])
      }
      expect([...journal.entries('')]).toHaveLength(LENGTHS.length + 1)
      expect(Buffer.from(journal.get('p/live/cam.m3u8') ?? []).toString()).toBe('record')
      if (life === 0) await journal.close()
    }
  })
})
