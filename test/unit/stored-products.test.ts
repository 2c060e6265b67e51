import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { type ObjectStore, StorageError } from '../../src/core/object-store.ts'
import { StoredProducts } from '../../src/core/products/stored-products.ts'
import { diskStore } from '../../src/node/disk-store.ts'
import type { S3Store } from '../../src/stores/s3/s3-store.ts'
import { bytesOf, readAll } from '../conformance/store-bodies.ts'
import { type Fault, type S3Server, startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'
import { hashTree } from '../support/tree.ts'
import { until } from '../support/until.ts'

const NAME = 'cam1.mp4'
const KEY = `live/streams/${NAME}`
const SIZE = 200_000
const BYTES = bytesOf('video', SIZE)
const ONCE = { token: 'job-1', isReplacing: false }
const OWN = { token: ONCE.token, isUploaded: true }
const DOWN: Fault = { kind: 'status', status: 503, code: 'SlowDown' }

let folder: string
let local: ObjectStore
let server: S3Server
let bucket: S3Store
let products: StoredProducts

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'products-'))
  local = { ...methodsOf(diskStore(join(folder, 'tree'), join(folder, 'scratch'))) }
  server = await startS3Server()
  bucket = storeOf(server)
  products = productsIn(bucket)
  await keep()
})

afterEach(async () => {
  await bucket.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A store whose methods a test may replace. */
function methodsOf(store: ObjectStore): ObjectStore {
  return {
    capabilities: store.capabilities,
    put: (key, body, options) => store.put(key, body, options),
    get: (key, options) => store.get(key, options),
    head: (key, options) => store.head(key, options),
    delete: (keys) => store.delete(keys),
    list: (prefix, cursor) => store.list(prefix, cursor),
    flush: () => store.flush(),
    close: () => store.close(),
  }
}

function productsIn(store: ObjectStore | undefined, goesToBucket = true): StoredProducts {
  const place = { local, bucket: store, goesToBucket, cacheControl: 'immutable' }
  return new StoredProducts({ vod: place, preview: place })
}

const keep = (bytes = BYTES, name = NAME) => products.keep('vod', 'live', name, contentOf(bytes))
const upload = (how = ONCE) => products.upload('vod', 'live', NAME, how)
const played = async (start?: number, end?: number) =>
  Buffer.from(await readAll((await products.file('vod', 'live', NAME)).content.stream(start, end)))
const onDisk = () => [...hashTree(join(folder, 'tree')).keys()]
const inBucket = () => server.objects.get(KEY)?.bytes
const puts = () => server.requests.filter(({ method }) => method === 'PUT').length
const isSame = (found: Uint8Array | undefined, wanted: Uint8Array) => Buffer.compare(found ?? Buffer.of(), wanted) === 0

test('a file that is kept plays, is replaced by the next of its name, and goes into the bucket as a whole', async () => {
  await keep(bytesOf('newer', SIZE))
  expect(isSame(await played(), bytesOf('newer', SIZE))).toBe(true)
  await keep()
  const before = await products.file('vod', 'live', NAME)
  await upload()
  expect(isSame(inBucket(), BYTES)).toBe(true)
  expect(server.objects.get(KEY)?.headers).toMatchObject({ 'content-type': 'video/mp4', 'cache-control': 'immutable' })
  expect(onDisk()).toEqual([])
  expect(isSame(await played(), BYTES)).toBe(true)
  expect(isSame(await played(10, 99_999), BYTES.subarray(10, 99_999))).toBe(true)
  const after = await products.file('vod', 'live', NAME)
  expect([after.etag, after.contentType, after.isImmutable]).toEqual([before.etag, 'video/mp4', true])
})

test('videos and pictures of one name are two files', async () => {
  await products.keep('preview', 'live', 'cam1.png', contentOf(bytesOf('picture', 10)))
  await products.upload('preview', 'live', 'cam1.png', { token: 'p', isReplacing: true })
  expect(onDisk()).toEqual([KEY])
  expect(server.objects.get('live/previews/cam1.png')?.headers['content-type']).toBe('image/png')
  expect((await products.file('preview', 'live', 'cam1.png')).isImmutable).toBe(false)
  await expect(products.file('vod', 'live', 'cam1.png')).rejects.toMatchObject({ code: 'not-found' })
})

describe('an attempt that is made again', () => {
  test('after a crash between the upload and the removal sends nothing twice', async () => {
    const remove = local.delete
    local.delete = () => Promise.reject(new Error('killed'))
    await expect(upload()).rejects.toThrow('killed')
    expect([onDisk(), isSame(inBucket(), BYTES)]).toEqual([[KEY], true])
    local.delete = remove
    await upload()
    expect([onDisk(), puts()]).toEqual([[], 1])
    await upload()
    expect([isSame(await played(), BYTES), puts()]).toEqual([true, 1])
  })

  test('after an answer that was lost finds its own file, and takes it for no other', async () => {
    server.behaviour.fault = ({ method }) => (method === 'PUT' ? { kind: 'lose' } : undefined)
    await expect(upload()).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    server.behaviour.fault = () => undefined
    expect(onDisk()).toEqual([KEY])
    await upload()
    expect([onDisk(), puts(), isSame(inBucket(), BYTES)]).toEqual([[], 1, true])
  })
})

describe.each(['honour', 'ignore', 'refuse'] as const)('P3: where the bucket does %s conditions', (conditions) => {
  beforeEach(async () => {
    server.behaviour.conditions = conditions
    await bucket.probeConditions('probe')
  })

  test('a free name is taken', async () => {
    await upload()
    expect([onDisk(), isSame(inBucket(), BYTES)]).toEqual([[], true])
  })

  test('a name that another has is refused, and kept here; one that may be replaced is', async () => {
    const other = bytesOf('another', SIZE)
    await bucket.put(KEY, contentOf(other), { contentType: 'video/mp4', token: 'job-0' })
    await expect(upload()).rejects.toMatchObject({ code: 'exists', retryable: false })
    expect([onDisk(), isSame(inBucket(), other)]).toEqual([[KEY], true])
    await upload({ ...ONCE, isReplacing: true })
    expect([onDisk(), isSame(inBucket(), BYTES)]).toEqual([[], true])
  })
})

test('P3: a name that another takes between the look and the upload stays the other one', async () => {
  const other = bytesOf('another', SIZE)
  const racing = methodsOf(bucket)
  racing.put = async (key, body, options) => {
    await bucket.put(key, contentOf(other), { contentType: 'video/mp4' })
    await bucket.put(key, body, options)
  }
  products = productsIn(racing)
  await expect(upload()).rejects.toMatchObject({ code: 'exists' })
  expect([onDisk(), isSame(inBucket(), other)]).toEqual([[KEY], true])
})

describe('while the bucket is down', () => {
  beforeEach(() => {
    server.behaviour.fault = () => DOWN
  })

  test('what is here plays, and is known to be here; of all else nobody knows', async () => {
    await expect(upload()).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    expect(isSame(await played(), BYTES)).toBe(true)
    expect(await products.exists('vod', 'live', NAME)).toBe(true)
    expect(await products.exists('vod', 'live', 'other.mp4')).toBe(false)
    await expect(products.file('vod', 'live', 'other.mp4')).rejects.toMatchObject({ code: 'storage-unavailable' })
  })

  test('a removal is not done before it is done there, too', async () => {
    server.behaviour.fault = () => undefined
    await upload()
    server.behaviour.fault = () => DOWN
    await expect(products.remove('vod', 'live', NAME, OWN)).rejects.toMatchObject({ code: 'unavailable' })
    server.behaviour.fault = () => undefined
    await products.remove('vod', 'live', NAME, OWN)
    expect([inBucket(), onDisk()]).toEqual([undefined, []])
    await products.remove('vod', 'live', NAME, OWN)
  })
})

test('a file that is kept while an older one of its name goes up stays', async () => {
  const newer = bytesOf('newer', SIZE)
  const slow = methodsOf(bucket)
  slow.put = async (key, body, options) => {
    await bucket.put(key, body, options)
    await keep(newer)
  }
  products = productsIn(slow)
  await upload({ ...ONCE, isReplacing: true })
  expect([onDisk(), isSame(inBucket(), BYTES), isSame(await played(), newer)]).toEqual([[KEY], true, true])
  slow.put = (key, body, options) => bucket.put(key, body, options)
  await upload({ token: 'job-2', isReplacing: true })
  expect([onDisk(), isSame(inBucket(), newer)]).toEqual([[], true])
})

test('of files that replace each other the newest goes up, also where it is as large, and told by the same token', async () => {
  const newer = bytesOf('newer', SIZE)
  await upload({ ...ONCE, isReplacing: true })
  await keep(newer)
  await upload({ ...ONCE, isReplacing: true })
  expect([onDisk(), isSame(inBucket(), newer)]).toEqual([[], true])
})

test('a removal gives up the upload that runs, and leaves nothing', async () => {
  const slow = methodsOf(bucket)
  let goOn = () => {}
  const began = new Promise<void>((resolve) => {
    slow.put = async (key, body, options) => {
      const bytes = await readAll(body.stream())
      resolve()
      await new Promise<void>((end) => {
        goOn = end
        options.signal?.addEventListener('abort', () => end())
      })
      if (options.signal?.aborted === true) throw new StorageError('unavailable', true)
      await bucket.put(key, contentOf(bytes), options)
    }
  })
  products = productsIn(slow)
  const running = upload()
  running.catch(() => undefined)
  await began
  await products.remove('vod', 'live', NAME, OWN)
  goOn()
  await expect(running).rejects.toMatchObject({ name: 'StorageError' })
  expect([onDisk(), inBucket(), await products.exists('vod', 'live', NAME)]).toEqual([[], undefined, false])
})

test('P1: what is kept is durable, its name too, and what went into the bucket never comes back', async () => {
  const calls: string[] = []
  const { put, flush, delete: remove } = local
  local.put = async (key, body, options) => {
    calls.push(`put ${options.isOnlyCopy}`)
    await put(key, body, options)
  }
  local.delete = async (keys) => {
    calls.push(`delete of ${keys.length} with ${inBucket()?.length} bytes there`)
    await remove(keys)
  }
  local.flush = async () => {
    calls.push('flush')
    await flush()
  }
  await keep()
  await upload()
  expect(calls).toEqual(['put true', 'flush', `delete of 1 with ${SIZE} bytes there`, 'flush'])
})

test('an upload can be given up', async () => {
  const stop = new AbortController()
  server.behaviour.fault = ({ method }) => (method === 'PUT' ? { kind: 'hang' } : undefined)
  const running = products.upload('vod', 'live', NAME, { ...ONCE, signal: stop.signal })
  running.catch(() => undefined)
  await until('the upload', () => (puts() > 0 ? true : undefined))
  stop.abort()
  await expect(running).rejects.toMatchObject({ name: 'StorageError' })
  expect(onDisk()).toEqual([KEY])
})

test('whoever has begun to ask for a file gets it also when it goes into the bucket meanwhile', async () => {
  const { content } = await products.file('vod', 'live', NAME)
  await upload()
  expect(isSame(await readAll(content.stream(5, SIZE)), BYTES.subarray(5))).toBe(true)
})

test('an answer never has the bytes of a file that took its place with another size', async () => {
  const { content } = await products.file('vod', 'live', NAME)
  await keep(bytesOf('longer', SIZE + 1))
  await expect(readAll(content.stream())).rejects.toMatchObject({ code: 'unavailable' })
})

test('what was never kept is told', async () => {
  await expect(products.upload('vod', 'live', 'none.mp4', ONCE)).rejects.toMatchObject({ code: 'not-found' })
  await bucket.put('live/streams/none.mp4', contentOf(BYTES), { contentType: 'video/mp4', token: 'another' })
  await expect(products.upload('vod', 'live', 'none.mp4', ONCE)).rejects.toMatchObject({ code: 'not-found' })
  await expect(products.file('vod', 'one', NAME)).rejects.toMatchObject({ code: 'not-found' })
})

test('what stays on this disk asks no bucket for anything', async () => {
  products = productsIn(undefined, false)
  expect(products.goesToBucket('vod')).toBe(false)
  await upload()
  expect(await products.exists('vod', 'live', 'other.mp4')).toBe(false)
  expect([onDisk(), isSame(await played(), BYTES)]).toEqual([[KEY], true])
  await products.remove('vod', 'live', NAME, OWN)
  expect([onDisk(), server.requests.length]).toEqual([[], 0])
})

test('what went into the bucket before it was to stay here plays from there, and no more goes', async () => {
  await upload()
  products = productsIn(bucket, false)
  expect(isSame(await played(), BYTES)).toBe(true)
  await keep(BYTES, 'newer.mp4')
  await products.upload('vod', 'live', 'newer.mp4', ONCE)
  expect([onDisk(), puts()]).toEqual([['live/streams/newer.mp4'], 1])
  await products.remove('vod', 'live', NAME, OWN)
  expect(inBucket()).toBeUndefined()
})
