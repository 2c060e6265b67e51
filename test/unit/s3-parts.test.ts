import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StorageError } from '../../src/core/object-store.ts'
import type { BodyContent } from '../../src/core/ports.ts'
import { fileContent } from '../../src/node/disk-body-files.ts'
import { bytesOf } from '../conformance/store-bodies.ts'
import { type Fault, type S3Server, startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'

const KEY = 'streams/cam1000000001.ts'
const OPTIONS = { contentType: 'video/mp2t' }
const MIB = 1024 * 1024

let server: S3Server
let folder: string

beforeEach(async () => {
  server = await startS3Server()
  folder = await mkdtemp(join(tmpdir(), 's3-parts-'))
})

afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

async function large(size: number): Promise<BodyContent> {
  const path = join(folder, 'body')
  await writeFile(path, bytesOf('large', size))
  return fileContent(path, size)
}

test('P6: few bodies go in parts at once, and the time that one waits is not counted', async () => {
  const size = 6 * MIB
  const inParts = storeOf(
    server,
    {},
    { requestMs: 3_000, uploadMsPerMib: 0, maxSinglePutBytes: 5 * MIB, partBytes: 5 * MIB },
  )
  const body = await large(size)
  server.behaviour.fault = ({ method, query }) =>
    method === 'POST' && query.has('uploads') ? { kind: 'slow', ms: 800, bytesPerSecond: 1e9 } : undefined
  let most = 0
  const counting = setInterval(() => {
    most = Math.max(most, server.objects.uploads.size)
  }, 1)
  await Promise.all(Array.from({ length: 16 }, (_, index) => inParts.put(`${index}.mp4`, body, OPTIONS)))
  clearInterval(counting)
  expect(most).toBeLessThanOrEqual(4)
  expect(server.objects.all()).toHaveLength(16)
  await inParts.close()
})

describe('an upload in parts', () => {
  const size = 23 * MIB
  const limits = { maxSinglePutBytes: 5 * MIB, partBytes: 5 * MIB }

  test('has equal parts, its own type, and the bytes', async () => {
    const inParts = storeOf(server, {}, limits)
    await inParts.put(KEY, await large(size), { ...OPTIONS, cacheControl: 'no-cache' })
    const parts = server.requests.filter(({ query }) => query.has('partNumber'))
    expect(parts.map(({ headers }) => Number(headers['content-length']))).toEqual(
      [5, 5, 5, 5, 3].map((mib) => mib * MIB),
    )
    const object = server.objects.get(KEY)
    expect(object?.bytes.equals(bytesOf('large', size))).toBe(true)
    expect(object?.headers).toMatchObject({ 'content-type': 'video/mp2t', 'cache-control': 'no-cache' })
    await inParts.close()
  })

  test.each<[string, Fault]>([
    ['a part is refused', { kind: 'status', status: 503, code: 'SlowDown' }],
    ['a part is reset', { kind: 'reset', afterBytes: MIB }],
  ])('is taken back when %s', async (_what, fault) => {
    const inParts = storeOf(server, {}, limits)
    let part = 0
    server.behaviour.fault = ({ query }) => (query.has('partNumber') && ++part === 3 ? fault : undefined)
    await expect(inParts.put(KEY, await large(size), OPTIONS)).rejects.toBeInstanceOf(StorageError)
    expect([server.objects.get(KEY), server.objects.uploads.size]).toEqual([undefined, 0])
    await inParts.close()
  })
})
