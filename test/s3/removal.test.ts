import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver } from '../../src/testing/index.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { mediaList } from '../support/trial.ts'
import { until } from '../support/until.ts'
import { Buckets } from './support/buckets.ts'
import { type Ceph, startCeph } from './support/ceph.ts'

const SEGMENTS = 300
const GONE_MS = 90_000
const END = '#EXT-X-ENDLIST'

let ceph: Ceph
let buckets: Buckets

beforeAll(async () => {
  ceph = await startCeph()
  buckets = new Buckets(ceph.url)
})

afterAll(async () => {
  buckets.close()
  await ceph.stop()
})

test('P2: a stream that has ended goes from a real S3 store, its lists first, and nothing else goes', async () => {
  await buckets.create('removal')
  const settings = { DELETE_HLS_FILES_ON_ENDED: 'live/cam1=true', DELETE_AFTER_SECONDS: '1' }
  const receiver = await startReceiver({ ...s3Environment(ceph.url, 'removal'), ...settings })
  try {
    const put = (name: string, body: string) =>
      fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })
    const stored = async () => (await buckets.keys('removal')).map((key) => key.replace('live/streams/', ''))
    const all = Array.from({ length: SEGMENTS }, (_, number) => `cam1${String(number).padStart(9, '0')}.ts`)
    await put('cam12000000001.ts', 'of another')
    await put('cam12.m3u8', mediaList(1, ['cam12000000001.ts']))
    await Promise.all(all.map((name, at) => put(name, at % 50 === 0 ? name.repeat(10_000) : name)))
    await put('cam1.m3u8', mediaList(0, all))
    await put('cam1.m3u8', mediaList(SEGMENTS - 3, all.slice(-3), END))
    const isOwn = (key: string) => /^cam1(?:[.-]|0)/.test(key)
    await until(
      'all in the bucket',
      async () => ((await stored()).filter(isOwn).length > SEGMENTS ? true : undefined),
      GONE_MS,
    )
    const wrong: string[] = []
    await until(
      'the stream gone',
      async () => {
        const keys = (await stored()).filter(isOwn)
        const isListed = keys.some((key) => key.endsWith('.m3u8'))
        if (isListed && keys.filter((key) => key.endsWith('.ts')).length < SEGMENTS)
          wrong.push(`${keys.length} with lists`)
        return keys.length === 0 ? true : undefined
      },
      GONE_MS,
    )
    expect(wrong).toEqual([])
    expect((await stored()).filter((key) => !key.startsWith('.'))).toEqual(['cam12.m3u8', 'cam12000000001.ts'])
    expect(await buckets.openUploads('removal')).toBe(0)
  } finally {
    await receiver.stop()
  }
})
