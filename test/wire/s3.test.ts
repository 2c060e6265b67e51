import { describe, expect, test } from 'vitest'
import type { TestReceiver } from '../../src/testing/index.ts'
import { put, type TestBucket, withBucket } from '../support/s3/test-bucket.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'

const LARGE = 'x'.repeat(300_000)

/** Gives a test a bucket of its own, and a receiver with a small spool. */
const withReceiver = (use: (receiver: TestReceiver, bucket: TestBucket) => Promise<void>) =>
  withBucket(async (bucket) => {
    await use(await bucket.start({ SPOOL_MAX_BYTES: '1000000', ADMIN_KEYS: 'admin' }), bucket)
  })

async function get({ url }: TestReceiver, name: string): Promise<string | number> {
  const answer = await fetch(`${url}/live/streams/${name}`)
  return answer.ok ? answer.text() : answer.status
}

async function metrics({ url }: TestReceiver): Promise<Map<string, number>> {
  const answer = await fetch(`${url}/metrics`, { headers: { Authorization: 'Bearer admin' } })
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test.concurrent('segments and playlists go into the bucket, with their types and how long they may be kept', () =>
  withReceiver(async (receiver, bucket) => {
    expect(await put(receiver, 'a1.ts', LARGE)).toBe(201)
    expect(await put(receiver, 'a2.ts', 'small')).toBe(201)
    expect(await put(receiver, 'a.m3u8', mediaList(1, ['a1.ts', 'a2.ts']))).toBe(201)
    await bucket.stored('a.m3u8', String(await get(receiver, 'a.m3u8')))
    expect([bucket.has('a1.ts'), bucket.has('a2.ts')]).toEqual([LARGE, 'small'])
    expect(bucket.server.objects.get('live/streams/a1.ts')?.headers).toMatchObject({
      'content-type': 'video/mp2t',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(bucket.server.objects.get('live/streams/a.m3u8')?.headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': 'no-cache',
    })
  }))

describe.concurrent('while the bucket is down', () => {
  test('P1, P9: uploads are acknowledged and served, and go there afterwards', () =>
    withReceiver(async (receiver, bucket) => {
      bucket.goDown()
      expect(await put(receiver, 'a1.ts', LARGE)).toBe(201)
      expect(await put(receiver, 'a.m3u8', mediaList(1, ['a1.ts']))).toBe(201)
      expect(await get(receiver, 'a1.ts')).toBe(LARGE)
      expect(await get(receiver, 'a.m3u8')).toContain('a1.ts')
      expect(bucket.has('a1.ts')).toBeUndefined()
      bucket.comeBack()
      await bucket.stored('a.m3u8', String(await get(receiver, 'a.m3u8')))
      expect(bucket.has('a1.ts')).toBe(LARGE)
    }))

  test('P1: what waits goes on after a restart', () =>
    withReceiver(async (receiver, bucket) => {
      bucket.goDown()
      await put(receiver, 'a1.ts', LARGE)
      await put(receiver, 'a.m3u8', mediaList(1, ['a1.ts']))
      await bucket.end(receiver, true)
      expect(bucket.has('a1.ts')).toBeUndefined()
      bucket.comeBack()
      const again = await bucket.start({ DATA_DIR: receiver.dataDir })
      await bucket.stored('a.m3u8', String(await get(again, 'a.m3u8')))
      expect(bucket.has('a1.ts')).toBe(LARGE)
    }))

  test('P6: a full spool refuses more with a code, and takes them again when it is empty', () =>
    withReceiver(async (receiver, bucket) => {
      bucket.goDown()
      const statuses: number[] = []
      for (let index = 0; index < 5; index++) statuses.push(await put(receiver, `a${index}.ts`, LARGE + index))
      expect(statuses).toEqual([201, 201, 201, 507, 507])
      expect(receiver.logLines.join('\n')).toContain('spool is nearly full')
      const seen = await metrics(receiver)
      expect(seen.get('hls_receiver_spool_objects')).toBe(3)
      expect(seen.get('hls_receiver_spool_bytes')).toBe(3 * LARGE.length + 3)
      bucket.comeBack()
      // The bucket has them before the receiver knows, and makes room.
      await until('room', async () =>
        (await metrics(receiver)).get('hls_receiver_spool_objects') === 0 ? true : undefined,
      )
      expect(bucket.has('a2.ts')).toBe(`${LARGE}2`)
      expect(await put(receiver, 'a4.ts', `${LARGE}4`)).toBe(201)
    }))

  test('the metrics tell that it is down, and back', () =>
    withReceiver(async (receiver, bucket) => {
      bucket.goDown()
      for (let index = 0; index < 10; index++) await put(receiver, `a${index}.ts`, String(index))
      await until('down', async () => ((await metrics(receiver)).get('hls_receiver_store_up') === 0 ? true : undefined))
      bucket.comeBack()
      await until('up', async () => ((await metrics(receiver)).get('hls_receiver_store_up') === 1 ? true : undefined))
      await until('all ten', async () =>
        (await metrics(receiver)).get('hls_receiver_spool_objects') === 0 ? true : undefined,
      )
      const seen = await metrics(receiver)
      expect(seen.get('hls_receiver_accepted_total')).toBe(10)
      expect(seen.get('hls_receiver_accepted_bytes_total')).toBe(10)
      expect(seen.get('hls_receiver_store_retries_total')).toBeGreaterThan(0)
      expect(seen.get('hls_receiver_stored_total')).toBe(10)
    }))
})

test.concurrent('P2: a segment that does not get into the bucket is a hole there, not at the origin, until it does', () =>
  withReceiver(async (receiver, bucket) => {
    bucket.server.behaviour.fault = ({ key }) =>
      key.endsWith('a2.ts') ? { kind: 'status', status: 503, code: 'SlowDown' } : undefined
    for (const name of ['a1.ts', 'a2.ts', 'a3.ts']) await put(receiver, name, name)
    await put(receiver, 'a.m3u8', mediaList(1, ['a1.ts', 'a2.ts', 'a3.ts']))
    const text = String(await get(receiver, 'a.m3u8'))
    expect(text).not.toContain('GAP')
    await bucket.stored('a.m3u8', text.replace('a2.ts', '#EXT-X-GAP\na2.ts'))
    bucket.comeBack()
    await bucket.stored('a.m3u8', text)
    expect(bucket.has('a2.ts')).toBe('a2.ts')
  }))

test.concurrent('where there are admin keys the metrics want one', () =>
  withReceiver(async (receiver) => {
    expect((await fetch(`${receiver.url}/metrics`)).status).toBe(401)
  }))
