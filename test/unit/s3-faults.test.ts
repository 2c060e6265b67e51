import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { StorageError } from '../../src/core/object-store.ts'
import type { BodyContent } from '../../src/core/ports.ts'
import { fileContent } from '../../src/node/disk-body-files.ts'
import { nodeS3Runtime } from '../../src/node/s3-runtime.ts'
import { asStorageError } from '../../src/stores/s3/s3-errors.ts'
import type { S3Store } from '../../src/stores/s3/s3-store.ts'
import { bytesOf, readAll } from '../conformance/store-bodies.ts'
import { type Fault, type S3Server, startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'

const KEY = 'streams/cam1000000001.ts'
const OPTIONS = { contentType: 'video/mp2t' }
const LARGE_BYTES = 3_000_000
const PATIENCE_MS = 5_000
const MIB = 1024 * 1024
/** Bounds short enough to wait for. */
const SHORT = { requestMs: 700, uploadMsPerMib: 0, readIdleMs: 700 }

let server: S3Server
let store: S3Store
let folder: string

beforeEach(async () => {
  server = await startS3Server()
  store = storeOf(server, {}, SHORT)
  folder = await mkdtemp(join(tmpdir(), 's3-faults-'))
})

afterEach(async () => {
  await store.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Plants a fault into the first request that `isMeant`, or into all. */
function plant(fault: Fault, isMeant: (method: string) => boolean = () => true, times = 1): void {
  let left = times
  server.behaviour.fault = ({ method }) => (isMeant(method) && left-- > 0 ? fault : undefined)
}

async function large(size = LARGE_BYTES): Promise<BodyContent> {
  const path = join(folder, 'body')
  await writeFile(path, bytesOf('large', size))
  return fileContent(path, size)
}

/** The error of something that must fail, in time. */
async function failure(run: Promise<unknown>): Promise<StorageError> {
  const began = Date.now()
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StorageError)
  expect(Date.now() - began).toBeLessThan(PATIENCE_MS)
  return error as StorageError
}

const FAULTS: readonly [string, Fault][] = [
  ['answers 503', { kind: 'status', status: 503, code: 'SlowDown' }],
  ['answers 500', { kind: 'status', status: 500, code: 'InternalError' }],
  ['answers 429', { kind: 'status', status: 429, code: 'TooManyRequests' }],
  ['answers 409', { kind: 'status', status: 409, code: 'ConditionalRequestConflict' }],
  ['answers 400 RequestTimeout', { kind: 'status', status: 400, code: 'RequestTimeout' }],
  ['hangs', { kind: 'hang' }],
  ['resets the connection in the middle', { kind: 'reset', afterBytes: 1_000_000 }],
  ['resets the connection at once', { kind: 'reset', afterBytes: 0 }],
  ['is slower than the least', { kind: 'slow', ms: 0, bytesPerSecond: 100_000 }],
]

describe('a put to a store that fails is over in time, and may be tried again', () => {
  // A small body is through before a slow or broken connection shows.
  const isSeenBySmall = ({ kind, ...more }: Fault) =>
    kind !== 'slow' && !('afterBytes' in more && kind === 'reset' && more.afterBytes > 0)
  describe.each(FAULTS)('it %s', (_what, fault) => {
    test.each(isSeenBySmall(fault) ? ['small', 'large'] : ['large'])('%s', async (size) => {
      const body = size === 'small' ? contentOf(bytesOf('small', 1_000)) : await large()
      plant(fault)
      const error = await failure(store.put(KEY, body, OPTIONS))
      expect([error.code, error.retryable]).toEqual(['unavailable', true])
      await store.put(KEY, body, OPTIONS)
      expect(server.objects.get(KEY)?.bytes.length).toBe(body.size)
    })
  })

  test('nothing is left open: neither files nor sockets that are not used again', async () => {
    const body = await large()
    const openFiles = async () => (await readdir('/proc/self/fd')).length
    await store.put(KEY, body, OPTIONS)
    const before = await openFiles()
    for (let round = 0; round < 10; round++) {
      plant({ kind: 'status', status: 503, code: 'SlowDown' })
      await failure(store.put(KEY, body, OPTIONS))
    }
    expect(await openFiles()).toBeLessThan(before + 5)
  })
})

describe('a put that will never succeed says so', () => {
  test.each<[string, Fault, string]>([
    ['the store has no room', { kind: 'status', status: 507, code: 'InsufficientCapacity' }, 'full'],
    ['no such bucket', { kind: 'status', status: 404, code: 'NoSuchBucket' }, 'refused'],
    ['ACLs are disabled', { kind: 'status', status: 400, code: 'AccessControlListNotSupported' }, 'refused'],
    ['checksums are refused', { kind: 'status', status: 501, code: 'NotImplemented' }, 'refused'],
  ])('%s', async (_what, fault, code) => {
    plant(fault)
    expect((await failure(store.put(KEY, contentOf(bytesOf('a', 10)), OPTIONS))).code).toBe(code)
  })

  test('wrong credentials; no key, and no signature, is in the error', async () => {
    const stranger = storeOf(server, { credentials: { accessKeyId: 'testkey', secretAccessKey: 's3cret' } }, SHORT)
    const error = await failure(stranger.put(KEY, contentOf(bytesOf('a', 10)), OPTIONS))
    expect(error.code).toBe('refused')
    const { cause } = error
    expect(cause).toMatchObject({ name: 'SignatureDoesNotMatch' })
    expect(Object.keys(cause as object)).toEqual(['name'])
    await stranger.close()
  })
})

test.each<[string, Fault, string]>([
  ['reset', { kind: 'reset', afterBytes: 0 }, 'ECONNRESET'],
  ['silent', { kind: 'hang' }, ''],
])('a failure of the network keeps what it was: %s', async (_what, fault, code) => {
  plant(fault)
  const { cause } = await failure(store.head(KEY))
  expect(cause).toBeInstanceOf(Error)
  expect((cause as Error).message).not.toBe('')
  if (code !== '') expect(cause).toMatchObject({ code })
})

test('the cause of a cause is told by its name and words alone', () => {
  const inner = Object.assign(new Error('no route'), { name: 'NetworkError', request: { authorization: 'signed' } })
  const error = Object.assign(new Error('', { cause: inner }), { code: 'ENETUNREACH', socket: {} })
  const { cause } = asStorageError(error)
  expect(cause).toMatchObject({ message: 'ENETUNREACH', code: 'ENETUNREACH' })
  expect(Object.keys(cause as object).sort()).toEqual(['code', 'name'])
  const innermost = (cause as Error).cause as object
  expect([String(innermost), Object.keys(innermost)]).toEqual(['NetworkError: no route', ['name']])
})

describe('an answer that was lost', () => {
  const isPut = (method: string) => method === 'PUT'

  test('P3: a put if absent finds its own success when it is tried again', async () => {
    const body = contentOf(bytesOf('claim', 100))
    plant({ kind: 'lose' }, isPut)
    await failure(store.put(KEY, body, { ...OPTIONS, ifAbsent: true, token: 'mine' }))
    await store.put(KEY, body, { ...OPTIONS, ifAbsent: true, token: 'mine' })
    const other = await failure(store.put(KEY, body, { ...OPTIONS, ifAbsent: true, token: 'theirs' }))
    expect(other.code).toBe('exists')
  })

  test.each(['put', 'putOpen'] as const)(
    'an upload in parts finds its own success, by %s, and is sent once',
    async (way) => {
      const size = 11 * MIB
      const inParts = storeOf(server, {}, { maxSinglePutBytes: 5 * MIB, partBytes: 5 * MIB })
      server.behaviour.fault = ({ method, query }) =>
        method === 'POST' && query.has('uploadId') ? { kind: 'lose' } : undefined
      const body = await large(size)
      await (way === 'put'
        ? inParts.put(KEY, body, { ...OPTIONS, token: 'mine' })
        : inParts.putOpen(KEY, body.stream(), { ...OPTIONS, token: 'mine' }))
      expect(server.requests.filter(({ method, query }) => method === 'POST' && query.has('uploads'))).toHaveLength(1)
      expect(server.objects.get(KEY)?.bytes.equals(bytesOf('large', size))).toBe(true)
      expect(server.objects.uploads.size).toBe(0)
      await inParts.close()
    },
  )

  test('an upload in parts that failed does not take the object of another for its own', async () => {
    const size = 11 * MIB
    const inParts = storeOf(server, {}, { maxSinglePutBytes: 5 * MIB, partBytes: 5 * MIB })
    await store.put(KEY, await large(size), { ...OPTIONS, token: 'theirs' })
    plant({ kind: 'status', status: 503, code: 'SlowDown' }, (method) => method === 'POST')
    await failure(inParts.put(KEY, await large(size), { ...OPTIONS, token: 'mine' }))
    await inParts.close()
  })
})

test('a store that could not be opened is opened by the next request, and closes all the same', async () => {
  let isBroken = true
  const runtime = {
    ...nodeS3Runtime,
    get requestHandler() {
      if (isBroken) throw new Error('broken')
      return nodeS3Runtime.requestHandler
    },
  }
  const opened = storeOf(server, {}, SHORT, runtime)
  await failure(opened.head(KEY))
  await opened.close()
  isBroken = false
  expect(await opened.head(KEY)).toBeNull()
  await opened.close()
  const closed = storeOf(server, {}, SHORT, {
    ...runtime,
    get requestHandler(): object {
      throw new Error('broken')
    },
  })
  await Promise.all([failure(closed.head(KEY)), closed.close()])
})

describe('a get', () => {
  beforeEach(async () => {
    await store.put(KEY, contentOf(bytesOf('object', LARGE_BYTES)), OPTIONS)
  })

  test.each<[string, Fault]>([
    ['hangs', { kind: 'hang' }],
    ['is answered 503', { kind: 'status', status: 503, code: 'SlowDown' }],
    ['is reset', { kind: 'reset', afterBytes: 0 }],
  ])('that %s fails in time', async (_what, fault) => {
    plant(fault)
    const error = await failure(store.get(KEY))
    expect([error.code, error.retryable]).toEqual(['unavailable', true])
  })

  test.each<[string, Fault]>([
    ['is cut', { kind: 'cut', afterBytes: 100_000 }],
    ['stops', { kind: 'stop', afterBytes: 100_000 }],
  ])('whose body %s does not look whole', async (_what, fault) => {
    plant(fault)
    const found = await store.get(KEY)
    if (found === null) throw new Error('nothing was found')
    await failure(readAll(found.body))
  })

  test('may be left unread', async () => {
    for (let round = 0; round < 300; round++) {
      const found = await store.get(KEY)
      for await (const _ of found?.body ?? []) break
    }
    const found = await store.get(KEY)
    expect((found && (await readAll(found.body)))?.length).toBe(LARGE_BYTES)
  })
})

test('what an object is told of: type, caching, ACL, class and encryption, and nothing that was not asked for', async () => {
  const told = storeOf(server, { acl: 'public-read', storageClass: 'STANDARD_IA', encryption: 'AES256' })
  await told.put('told.ts', contentOf(bytesOf('a', 10)), { ...OPTIONS, cacheControl: 'no-cache', token: 'id1' })
  await store.put('plain.ts', contentOf(bytesOf('a', 10)), OPTIONS)
  expect(server.objects.get('told.ts')?.headers).toEqual({
    'content-type': 'video/mp2t',
    'cache-control': 'no-cache',
    'x-amz-acl': 'public-read',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-server-side-encryption': 'AES256',
    'x-amz-meta-hls-receiver-id': 'id1',
  })
  expect(server.objects.get('plain.ts')?.headers).toEqual({ 'content-type': 'video/mp2t' })
  await told.close()
})
