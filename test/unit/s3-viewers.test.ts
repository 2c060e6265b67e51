import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { StorageError, type StoredBody } from '../../src/core/object-store.ts'
import { nodeS3Runtime } from '../../src/node/s3-runtime.ts'
import type { S3Runtime } from '../../src/stores/s3/s3-settings.ts'
import type { S3Limits, S3Store } from '../../src/stores/s3/s3-store.ts'
import { bytesOf, readAll } from '../conformance/store-bodies.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'

const KEY = 'live/streams/a.mp4'
const SIZE = 3_000_000
const OPTIONS = { contentType: 'video/mp4' }
/** More than there are connections for uploads. */
const VIEWERS = 256
/** Bounds short enough to wait for. */
const SHORT = { requestMs: 2_000, readIdleMs: 700 }
/** A bound that opening as many as VIEWERS keeps on a busy machine, too, in ms. */
const AMPLE = { requestMs: 10_000 }
/** What a connection for uploads may be silent, in ms, and how long a viewer pauses. */
const SILENT_MS = 300
const PAUSE_MS = 900

/** Viewers share one connection, and uploads get impatient soon. */
const TIGHT = {
  ...nodeS3Runtime,
  requestHandler: { ...nodeS3Runtime.requestHandler, socketTimeout: SILENT_MS },
  viewerHandler: { ...nodeS3Runtime.viewerHandler, httpAgent: { keepAlive: true, maxSockets: 1 } },
}

let server: S3Server
let store: S3Store

beforeEach(async () => {
  server = await startS3Server()
})

afterEach(async () => {
  await store.close()
  await server.stop()
})

async function open(runtime: S3Runtime = TIGHT, bounds: Partial<S3Limits> = SHORT): Promise<void> {
  store = storeOf(server, {}, bounds, runtime)
  await store.put(KEY, contentOf(bytesOf('object', SIZE)), OPTIONS)
}

async function view(): Promise<StoredBody> {
  const found = await store.get(KEY, { range: { start: 0, end: SIZE }, size: SIZE })
  if (found === null) throw new Error('nothing was found')
  return found
}

test('P9: viewers who do not read on take no connection of uploads', async () => {
  await open(nodeS3Runtime, AMPLE)
  server.behaviour.fault = ({ method }) => (method === 'GET' ? { kind: 'stop', afterBytes: 1_000 } : undefined)
  await Promise.all(Array.from({ length: VIEWERS }, view))
  await store.put('b.ts', contentOf(bytesOf('b', 10)), OPTIONS)
  expect(server.objects.get('b.ts')?.bytes.length).toBe(10)
})

test('a viewer may pause', async () => {
  await open()
  const chunks = (await view()).body[Symbol.asyncIterator]()
  const first = await chunks.next()
  await sleep(PAUSE_MS)
  const rest = await readAll({ [Symbol.asyncIterator]: () => chunks })
  expect((first.value?.length ?? 0) + rest.length).toBe(SIZE)
  expect(nodeS3Runtime.viewerHandler).not.toHaveProperty('socketTimeout')
})

test('a body that was never begun frees its connection when it is given back', async () => {
  await open()
  for (let round = 0; round < 3; round++) await (await view()).body[Symbol.asyncIterator]().return?.()
  expect((await readAll((await view()).body)).length).toBe(SIZE)
})

test('a body that stops frees its connection when it is given up, and when its reader leaves', async () => {
  await open()
  server.behaviour.fault = () => ({ kind: 'stop', afterBytes: 1_000 })
  await expect(readAll((await view()).body)).rejects.toThrow(StorageError)
  const chunks = (await view()).body[Symbol.asyncIterator]()
  await chunks.next()
  const waiting = chunks.next().catch((error: unknown) => error)
  await chunks.return?.()
  expect(await waiting).toBeInstanceOf(StorageError)
  server.behaviour.fault = () => undefined
  expect((await readAll((await view()).body)).length).toBe(SIZE)
})
