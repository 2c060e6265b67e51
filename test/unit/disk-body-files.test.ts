import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import { fileContent } from '../../src/node/disk-body-files.ts'

const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bodies-'))
  path = join(folder, 'body')
  writeFileSync(path, BYTES)
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function read(size: number, start?: number, end?: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of fileContent(path, size).stream(start, end)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('a body is read whole, and in part', async () => {
  expect(await read(BYTES.length)).toEqual(BYTES)
  expect(await read(BYTES.length, 65_000, 140_000)).toEqual(BYTES.subarray(65_000, 140_000))
  expect(await read(1_000)).toEqual(BYTES.subarray(0, 1_000))
  expect(await read(BYTES.length, 7, 7)).toHaveLength(0)
})

test('P2: a body that is shorter than recorded, or gone, is an error, not a short body', async () => {
  await expect(read(BYTES.length + 1)).rejects.toBeInstanceOf(StorageError)
  rmSync(path)
  await expect(read(BYTES.length)).rejects.toBeInstanceOf(StorageError)
})
