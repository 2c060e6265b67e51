import { describe, expect, test } from 'vitest'
import type { S3Behaviour } from '../support/s3/server.ts'
import { put, withBucket } from '../support/s3/test-bucket.ts'
import { mediaList } from '../support/trial.ts'

const NAME = 'cam000000001.ts'

describe.concurrent.each<[string, Partial<S3Behaviour>]>([
  ['honours', {}],
  ['ignores', { conditions: 'ignore' }],
  ['refuses', { conditions: 'refuse' }],
])('P3: on a bucket that %s conditions', (_what, behaviour) => {
  test('a second receiver refuses to start, and says why; the first goes on after a restart', () =>
    withBucket(async (bucket) => {
      const first = await bucket.start()
      expect(await bucket.refusal()).toContain('belongs to the receiver')
      expect(await put(first, NAME, 'first')).toBe(201)
      await bucket.stored(NAME, 'first')
      await bucket.end(first, true)
      const again = await bucket.start({ DATA_DIR: first.dataDir })
      expect(await put(again, 'cam000000002.ts', 'second')).toBe(201)
      await bucket.stored('cam000000002.ts', 'second')
      expect(await bucket.refusal()).toContain('S3_TAKE_OVER')
    }, behaviour))

  test('one that takes over overwrites nothing that is there', () =>
    withBucket(async (bucket) => {
      const first = await bucket.start()
      expect(await put(first, NAME, 'first')).toBe(201)
      expect(await put(first, 'cam.m3u8', mediaList(1, [NAME]))).toBe(201)
      await bucket.stored(NAME, 'first')
      await bucket.end(first, false)
      const second = await bucket.start({ S3_TAKE_OVER: 'true' })
      expect(await put(second, NAME, 'second')).toBe(201)
      expect(await put(second, 'cam.m3u8', mediaList(1, [NAME]))).toBe(200)
      const text = await (await fetch(`${second.url}/live/streams/cam.m3u8`)).text()
      const name = text.split('\n').find((line) => line.endsWith('.ts')) ?? ''
      expect(name).not.toBe(NAME)
      await bucket.stored(name, 'second')
      expect(bucket.has(NAME)).toBe('first')
      expect(await bucket.refusal()).toContain('belongs to the receiver')
    }, behaviour))
})

test.concurrent('whatever else stands where the owner should is somebody else', () =>
  withBucket(async (bucket) => {
    const body = Buffer.from('<html>')
    bucket.server.objects.put('.hls-receiver-owner.json', body, {}, { ifNoneMatch: undefined, ifMatch: undefined })
    expect(await bucket.refusal()).toContain('belongs to the receiver unknown')
  }))

test.concurrent('other prefixes, and other apps, are for other receivers', () =>
  withBucket(async (bucket) => {
    await bucket.start({ APPS: 'one' })
    await bucket.start({ APPS: 'two' })
    await bucket.start({ S3_PREFIX: 'elsewhere/:app' })
    expect(await bucket.refusal({ APPS: 'two,three' })).toContain('two/streams/')
  }))

test.concurrent('P3: one for some apps keeps off a prefix that belongs to one for all', () =>
  withBucket(async (bucket) => {
    await bucket.start()
    const refusal = await bucket.refusal({ APPS: 'live' })
    expect(refusal).toContain('.hls-receiver-owner.json says that the prefix belongs')
    expect(bucket.server.objects.all()).toHaveLength(1)
  }))

test.concurrent('a take-over that cannot learn the names says why', () =>
  withBucket(async (bucket) => {
    bucket.server.behaviour.fault = () => ({ kind: 'status', status: 403, code: 'AccessDenied' })
    expect(await bucket.refusal({ S3_TAKE_OVER: 'true' })).toContain('AccessDenied (HTTP status 403)')
  }))
