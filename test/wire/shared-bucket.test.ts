import { expect, test } from 'vitest'
import type { S3Behaviour } from '../support/s3/server.ts'
import { put, type TestBucket, withBucket } from '../support/s3/test-bucket.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'

const NAME = 'cam000000001.ts'

/** Gives a test a bucket of its own that all its receivers share. */
const withShared = (use: (bucket: TestBucket) => Promise<void>, behaviour: Partial<S3Behaviour> = {}) =>
  withBucket(use, behaviour, { S3_SHARED: 'true' })

async function text(url: string): Promise<string> {
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  return answer.text()
}

const bodies = ({ server }: TestBucket) => server.objects.all().map(({ bytes }) => bytes.toString())

test.concurrent('P3: two receivers that share a bucket start, and give no name twice', () =>
  withShared(async (bucket) => {
    const [a, b] = [await bucket.start(), await bucket.start()]
    expect(await put(a, NAME, 'from A')).toBe(201)
    expect(await put(b, NAME, 'from B')).toBe(201)
    await until('both in the bucket', () =>
      ['from A', 'from B'].every((each) => bodies(bucket).includes(each)) ? 1 : undefined,
    )
    expect(bucket.has(NAME)).toBe('from A')
  }))

test.concurrent('P2: what one receiver has brought the other serves, whole and in part', () =>
  withShared(async (bucket) => {
    const [a, b] = [await bucket.start(), await bucket.start()]
    expect(await put(a, NAME, 'from A')).toBe(201)
    const url = `${b.url}/live/streams/${NAME}`
    await until('it at B', async () => ((await fetch(url)).status === 200 ? true : undefined))
    expect(await text(url)).toBe('from A')
    const answer = await fetch(url, { headers: { Range: 'bytes=5-' } })
    expect([answer.status, await answer.text()]).toEqual([206, 'A'])
    expect((await fetch(`${b.url}/live/streams/cam000000002.ts`)).status).toBe(404)
  }))

test.concurrent('P7: what receivers write about a playlist is for them alone', () =>
  withShared(async (bucket) => {
    const a = await bucket.start()
    expect(await put(a, NAME, 'from A')).toBe(201)
    expect(await put(a, 'cam.m3u8', mediaList(1, [NAME]))).toBe(201)
    const about = () => bucket.server.objects.all().filter(({ key }) => key.includes('/.cam.m3u8.'))
    await until('a claim and a part', () => (about().length >= 2 ? true : undefined))
    for (const { key } of about()) {
      const name = key.slice(key.lastIndexOf('/') + 1)
      expect((await fetch(`${a.url}/live/streams/${name}`)).status).toBeGreaterThanOrEqual(400)
      const answer = await fetch(`${a.url}/live/hls-upload/${name}`, { method: 'PUT', body: 'mine' })
      expect(answer.status).toBeGreaterThanOrEqual(400)
    }
  }))

test.concurrent.each(['ignore', 'refuse'] as const)(
  'on a bucket that says %s to conditions no receiver shares',
  (conditions) =>
    withShared(
      async (bucket) => {
        expect(await bucket.refusal()).toContain('conditional creation')
        await bucket.start({ S3_SHARED: 'false' })
      },
      { conditions },
    ),
)

test.concurrent('those that share a bucket and one that does not keep off each other', () =>
  withShared(async (bucket) => {
    await bucket.start({ APPS: 'one' })
    await bucket.start({ APPS: 'two', S3_SHARED: 'false' })
    expect(await bucket.refusal({ APPS: 'one', S3_SHARED: 'false' })).toContain('belongs to the receiver shared')
    expect(await bucket.refusal({ APPS: 'two' })).toContain('S3_SHARED=true for that receiver')
  }))

test.concurrent('P1, P3: with a bucket that is down at the start uploads wait, and go there under names of their own', () =>
  withShared(async (bucket) => {
    const first = await bucket.start()
    expect(await put(first, NAME, 'from A')).toBe(201)
    await until('it in the bucket', () => (bodies(bucket).includes('from A') ? true : undefined))
    bucket.goDown()
    const second = await bucket.start()
    expect(await put(second, NAME, 'from B')).toBe(201)
    expect(await put(second, 'cam.m3u8', mediaList(1, [NAME]))).toBe(201)
    const list = await text(`${second.url}/live/streams/cam.m3u8`)
    const name = list.split('\n').find((line) => line.endsWith('.ts')) ?? ''
    expect(await text(`${second.url}/live/streams/${name}`)).toBe('from B')
    bucket.comeBack()
    await until('both in the bucket', () => (bodies(bucket).includes('from B') ? true : undefined), 30_000)
    expect(bucket.has(NAME)).toBe('from A')
  }))
