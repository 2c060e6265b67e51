import { type ClientRequest, request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'

const MIB = 1024 * 1024
const NAME = 'cam000000001.ts'
const KEY = `live/streams/${NAME}`
/** Bytes that tell each piece of a body from the others. */
const BODY = Buffer.alloc(20 * MIB)
for (let at = 0; at < BODY.length; at += 8) BODY.writeUInt32LE(at, at)

let server: S3Server
let receiver: TestReceiver

beforeEach(async () => {
  server = await startS3Server()
  receiver = await startReceiver(s3Environment(server.url))
})

afterEach(async () => {
  server.behaviour.fault = () => undefined
  await receiver.stop()
  await server.stop()
})

/** A chunked upload that is sent piece by piece. */
function begin(name = NAME): { sending: ClientRequest; status: Promise<number | undefined> } {
  const sending = request(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', agent: false })
  const status = new Promise<number | undefined>((resolve) => {
    sending.on('response', (answer) => resolve(answer.resume().statusCode))
    sending.on('error', () => resolve(undefined))
  })
  return { sending, status }
}

const parts = () => server.requests.filter(({ query, method }) => method === 'PUT' && query.has('partNumber'))
const partsAre = (count: number) => until(`${count} parts`, () => (parts().length >= count ? true : undefined))
const stored = () => until('the object', () => server.objects.get(KEY))
const nothingOpen = () => until('no open upload', () => (server.objects.uploads.size === 0 ? true : undefined))

test('a large segment goes to the bucket while it still arrives, in equal parts, and shows when it is accepted', async () => {
  const { sending, status } = begin()
  sending.write(BODY.subarray(0, 17 * MIB))
  await partsAre(2)
  expect(server.objects.get(KEY)).toBeUndefined()
  sending.end(BODY.subarray(17 * MIB))
  expect(await status).toBe(201)
  const object = await stored()
  expect(sha256(object.bytes)).toBe(sha256(BODY))
  expect(object.headers['content-type']).toBe('video/mp2t')
  expect(parts().map(({ headers }) => Number(headers['content-length']) / MIB)).toEqual([8, 8, 4])
  await nothingOpen()
  const puts = server.requests.filter(({ key, method }) => method === 'PUT' && key === KEY)
  expect(puts).toHaveLength(3)
})

test('P6: one that is cut leaves neither an object nor an open upload, and its name is free', async () => {
  const { sending, status } = begin()
  sending.write(BODY.subarray(0, 17 * MIB))
  await partsAre(1)
  sending.destroy()
  await status
  await nothingOpen()
  expect(server.objects.get(KEY)).toBeUndefined()
  const again = begin()
  again.sending.end(BODY.subarray(0, 1_000))
  expect(await again.status).toBe(201)
  expect((await stored()).bytes.length).toBe(1_000)
})

test('P1: where a part fails, the segment goes there as a whole', async () => {
  let count = 0
  server.behaviour.fault = ({ query }) =>
    query.has('partNumber') && ++count === 2 ? { kind: 'status', status: 503, code: 'SlowDown' } : undefined
  const { sending, status } = begin()
  sending.write(BODY.subarray(0, 17 * MIB))
  await partsAre(2)
  sending.end(BODY.subarray(17 * MIB))
  expect(await status).toBe(201)
  expect(sha256((await stored()).bytes)).toBe(sha256(BODY))
  await nothingOpen()
})

test('P3: two that come at once under one name go to two names, each whole', async () => {
  const [one, other] = [begin(), begin()]
  const changed = Buffer.from(BODY)
  changed[0] = 1
  one.sending.write(BODY.subarray(0, 9 * MIB))
  other.sending.write(changed.subarray(0, 9 * MIB))
  await partsAre(2)
  one.sending.end(BODY.subarray(9 * MIB))
  other.sending.end(changed.subarray(9 * MIB))
  expect(await Promise.all([one.status, other.status])).toEqual([201, 201])
  const media = () => server.objects.all().filter(({ key }) => key.startsWith('live/streams/'))
  await until('both', () => (media().length === 2 ? true : undefined))
  expect(
    media()
      .map(({ bytes }) => sha256(bytes))
      .sort(),
  ).toEqual([sha256(BODY), sha256(changed)].sort())
  await nothingOpen()
})

test('the same bytes again are not stored twice', async () => {
  for (const wanted of [201, 200]) {
    const { sending, status } = begin()
    sending.write(BODY.subarray(0, 17 * MIB))
    await partsAre(1)
    sending.end(BODY.subarray(17 * MIB))
    expect(await status).toBe(wanted)
    await stored()
  }
  await nothingOpen()
  expect(server.objects.all().filter(({ key }) => key.startsWith('live/streams/'))).toHaveLength(1)
})
