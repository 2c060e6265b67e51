import { afterEach, beforeEach, expect, test } from 'vitest'
import type { S3Store } from '../../src/stores/s3/s3-store.ts'
import { bytesOf } from '../conformance/store-bodies.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { storeOf } from '../support/s3/store.ts'
import { until } from '../support/until.ts'

const MIB = 1024 * 1024
/** More than two pages of a list. */
const MANY = 2_100

let server: S3Server
let store: S3Store

beforeEach(async () => {
  server = await startS3Server()
  store = storeOf(server)
})

afterEach(async () => {
  await store.close()
  await server.stop()
})

test('all uploads in parts that are meant are swept, however many there are', async () => {
  for (let index = 0; index < MANY; index++) server.objects.begin(`live/streams/${index}.ts`, {})
  server.objects.begin('live/streams/other.mp4', {})
  expect(await store.sweepUploads('live/', (key) => key.endsWith('.ts'))).toBe(MANY)
  expect([...server.objects.uploads.values()].map(({ key }) => key)).toEqual(['live/streams/other.mp4'])
})

test('one that is gone meanwhile does not end the sweep', async () => {
  const gone = server.objects.begin('live/streams/1.ts', {})
  server.objects.begin('live/streams/2.ts', {})
  server.behaviour.fault = ({ method }) => {
    if (method === 'DELETE') server.objects.uploads.delete(gone)
    return undefined
  }
  await store.sweepUploads('live/', () => true)
  expect(server.objects.uploads.size).toBe(0)
})

test('P1: what this store sends is not swept, whatever the clocks say', async () => {
  let goOn = () => {}
  const went = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const body = async function* () {
    yield bytesOf('a', 9 * MIB)
    await went
    yield bytesOf('b', 9 * MIB)
  }
  const put = store.putOpen('live/streams/own.mp4', body(), { contentType: 'video/mp4' })
  await until('an upload', () => (server.objects.uploads.size === 1 ? true : undefined))
  server.objects.begin('live/streams/left.mp4', {})
  expect(await store.sweepUploads('live/', () => true)).toBe(1)
  goOn()
  await put
  expect(server.objects.get('live/streams/own.mp4')?.bytes.length).toBe(18 * MIB)
  await expect(store.sweepUploads('live/', () => true)).resolves.toBe(0)
})
