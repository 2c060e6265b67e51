import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'

const LARGE = 'x'.repeat(300_000)

let server: S3Server
let receiver: TestReceiver

beforeEach(async () => {
  server = await startS3Server()
  receiver = await startReceiver({ ...s3Environment(server.url), SPOOL_MAX_BYTES: '1000000', ADMIN_KEYS: 'admin' })
})

afterEach(async () => {
  server.behaviour.fault = () => undefined
  await receiver.stop()
  await server.stop()
})

const put = async (name: string, body: string) =>
  (await fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })).status
const get = async (name: string) => {
  const answer = await fetch(`${receiver.url}/live/streams/${name}`)
  return answer.ok ? answer.text() : answer.status
}
const inBucket = (name: string) => server.objects.get(`live/streams/${name}`)?.bytes.toString()
const stored = (name: string, body: string) =>
  until(`${name} in the bucket`, () => (inBucket(name) === body ? true : undefined))

async function metrics(): Promise<Map<string, number>> {
  const answer = await fetch(`${receiver.url}/metrics`, { headers: { Authorization: 'Bearer admin' } })
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('segments and playlists go into the bucket, with their types and how long they may be kept', async () => {
  expect(await put('a1.ts', LARGE)).toBe(201)
  expect(await put('a2.ts', 'small')).toBe(201)
  expect(await put('a.m3u8', mediaList(1, ['a1.ts', 'a2.ts']))).toBe(201)
  await stored('a.m3u8', String(await get('a.m3u8')))
  expect([inBucket('a1.ts'), inBucket('a2.ts')]).toEqual([LARGE, 'small'])
  expect(server.objects.get('live/streams/a1.ts')?.headers).toMatchObject({
    'content-type': 'video/mp2t',
    'cache-control': 'public, max-age=31536000, immutable',
  })
  expect(server.objects.get('live/streams/a.m3u8')?.headers).toMatchObject({
    'content-type': 'application/vnd.apple.mpegurl',
    'cache-control': 'no-cache',
  })
})

describe('while the bucket is down', () => {
  beforeEach(() => {
    server.behaviour.fault = () => ({ kind: 'status', status: 503, code: 'SlowDown' })
  })

  test('P1, P9: uploads are acknowledged and served, and go there afterwards', async () => {
    expect(await put('a1.ts', LARGE)).toBe(201)
    expect(await put('a.m3u8', mediaList(1, ['a1.ts']))).toBe(201)
    expect(await get('a1.ts')).toBe(LARGE)
    expect(await get('a.m3u8')).toContain('a1.ts')
    expect(inBucket('a1.ts')).toBeUndefined()
    server.behaviour.fault = () => undefined
    await stored('a.m3u8', String(await get('a.m3u8')))
    expect(inBucket('a1.ts')).toBe(LARGE)
  })

  test('P1: what waits goes on after a restart', async () => {
    await put('a1.ts', LARGE)
    await put('a.m3u8', mediaList(1, ['a1.ts']))
    await receiver.stop({ keepData: true })
    expect(inBucket('a1.ts')).toBeUndefined()
    server.behaviour.fault = () => undefined
    receiver = await startReceiver({ ...s3Environment(server.url), DATA_DIR: receiver.dataDir })
    await stored('a.m3u8', String(await get('a.m3u8')))
    expect(inBucket('a1.ts')).toBe(LARGE)
  })

  test('P6: a full spool refuses more with a code, and takes them again when it is empty', async () => {
    const statuses: number[] = []
    for (let index = 0; index < 5; index++) statuses.push(await put(`a${index}.ts`, LARGE + index))
    expect(statuses).toEqual([201, 201, 201, 507, 507])
    expect(receiver.logLines.join('\n')).toContain('spool is nearly full')
    const seen = await metrics()
    expect(seen.get('hls_receiver_spool_objects')).toBe(3)
    expect(seen.get('hls_receiver_spool_bytes')).toBe(3 * LARGE.length + 3)
    server.behaviour.fault = () => undefined
    await stored('a2.ts', `${LARGE}2`)
    expect(await put('a4.ts', `${LARGE}4`)).toBe(201)
  })

  test('the metrics tell that it is down, and back', async () => {
    for (let index = 0; index < 10; index++) await put(`a${index}.ts`, String(index))
    await until('down', async () => ((await metrics()).get('hls_receiver_store_up') === 0 ? true : undefined))
    server.behaviour.fault = () => undefined
    await until('up', async () => ((await metrics()).get('hls_receiver_store_up') === 1 ? true : undefined))
    await until('all ten', async () => ((await metrics()).get('hls_receiver_spool_objects') === 0 ? true : undefined))
    const seen = await metrics()
    expect(seen.get('hls_receiver_accepted_total')).toBe(10)
    expect(seen.get('hls_receiver_accepted_bytes_total')).toBe(10)
    expect(seen.get('hls_receiver_store_retries_total')).toBeGreaterThan(0)
    expect(seen.get('hls_receiver_stored_total')).toBe(10)
  })
})

test('P2: a segment that does not get into the bucket is a hole there, not at the origin, until it does', async () => {
  server.behaviour.fault = ({ key }) =>
    key.endsWith('a2.ts') ? { kind: 'status', status: 503, code: 'SlowDown' } : undefined
  for (const name of ['a1.ts', 'a2.ts', 'a3.ts']) await put(name, name)
  await put('a.m3u8', mediaList(1, ['a1.ts', 'a2.ts', 'a3.ts']))
  const text = String(await get('a.m3u8'))
  expect(text).not.toContain('GAP')
  await stored('a.m3u8', text.replace('a2.ts', '#EXT-X-GAP\na2.ts'))
  server.behaviour.fault = () => undefined
  await stored('a.m3u8', text)
  expect(inBucket('a2.ts')).toBe('a2.ts')
})

test('where there are admin keys the metrics want one', async () => {
  expect((await fetch(`${receiver.url}/metrics`)).status).toBe(401)
})
