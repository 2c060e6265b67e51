import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
