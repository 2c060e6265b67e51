import { expect, test } from 'vitest'
import { put, type TestBucket, withBucket } from '../support/s3/test-bucket.ts'
import { until } from '../support/until.ts'

const NAME = 'cam000000001.ts'
/** A start that waits for the bucket takes longer, in ms. */
const START_MS = 4_000

const keysLeft = ({ server }: TestBucket) => [...server.objects.uploads.values()].map(({ key }) => key).sort()
const swept = (bucket: TestBucket, left: number, ms?: number) =>
  until('a sweep', () => (bucket.server.objects.uploads.size === left ? true : undefined), ms)

test.concurrent('P1, P3: with a bucket that is down at the start uploads wait, and go nowhere while it belongs to another', () =>
  withBucket(async (bucket) => {
    const first = await bucket.start()
    await bucket.end(first, false)
    bucket.goDown()
    const second = await bucket.start()
    expect(await put(second, NAME, 'second')).toBe(201)
    bucket.comeBack()
    await until('a refusal', () =>
      second.logLines.some((line) => line.includes('object store: refused')) ? true : undefined,
    )
    expect(bucket.has(NAME)).toBeUndefined()
    const { objects } = bucket.server
    const [owner] = objects.all().filter(({ key }) => key.includes('owner'))
    objects.delete(owner?.key ?? '')
    await bucket.stored(NAME, 'second')
  }))

test.concurrent('uploads in parts that a life left behind are swept at the start, those of others are not', () =>
  withBucket(async (bucket) => {
    const first = await bucket.start()
    bucket.server.behaviour.fault = ({ method }) =>
      method === 'PUT' ? { kind: 'status', status: 503, code: 'SlowDown' } : undefined
    expect(await put(first, NAME, 'waits')).toBe(201)
    await bucket.end(first, true)
    bucket.comeBack()
    const { objects } = bucket.server
    for (const key of [`live/streams/${NAME}`, 'live/streams/other.ts', 'foreign/other.ts']) objects.begin(key, {})
    await bucket.start({ DATA_DIR: first.dataDir })
    await bucket.stored(NAME, 'waits')
    await swept(bucket, 1)
    expect(keysLeft(bucket)).toEqual(['foreign/other.ts'])
  }))

test.concurrent('P1: uploads in parts to apps of other receivers are not swept', () =>
  withBucket(async (bucket) => {
    for (const key of ['one/streams/left.ts', 'two/streams/runs.ts']) bucket.server.objects.begin(key, {})
    await bucket.start({ APPS: 'one' })
    await swept(bucket, 1)
    expect(keysLeft(bucket)).toEqual(['two/streams/runs.ts'])
    await bucket.start({ APPS: 'LiveApp', S3_PREFIX: 'two/streams' })
    await swept(bucket, 0)
  }))

test.concurrent('P9: a restart waits for no bucket that was its own before, and sweeps when that answers', () =>
  withBucket(async (bucket) => {
    const first = await bucket.start()
    expect(await put(first, NAME, 'first')).toBe(201)
    await bucket.stored(NAME, 'first')
    await bucket.end(first, true)
    bucket.server.objects.begin('live/streams/left.ts', {})
    bucket.server.behaviour.fault = () => ({ kind: 'hang' })
    const began = performance.now()
    const again = await bucket.start({ DATA_DIR: first.dataDir })
    expect(performance.now() - began).toBeLessThan(START_MS)
    expect(await put(again, 'cam000000002.ts', 'second')).toBe(201)
    bucket.comeBack()
    await bucket.stored('cam000000002.ts', 'second')
    await swept(bucket, 0, 35_000)
  }))

test.concurrent('P3: one that was taken over while it was away keeps what it accepts, writes nothing, says why, and is not ready', () =>
  withBucket(async (bucket) => {
    const first = await bucket.start()
    await bucket.end(first, true)
    await bucket.start({ S3_TAKE_OVER: 'true' })
    const again = await bucket.start({ DATA_DIR: first.dataDir })
    expect(await put(again, NAME, 'kept')).toBe(201)
    const says = (text: string) => until(text, () => again.logLines.some((line) => line.includes(text)) || undefined)
    await says('belongs to the receiver')
    expect((await fetch(`${again.url}/readyz`)).status).toBe(503)
    await says('object store: refused')
    expect(bucket.has(NAME)).toBeUndefined()
    expect(await (await fetch(`${again.url}/live/streams/${NAME}`)).text()).toBe('kept')
  }))
