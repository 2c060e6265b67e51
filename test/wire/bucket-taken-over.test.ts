import { expect, test } from 'vitest'
import type { TestReceiver } from '../../src/testing/index.ts'
import { put, type TestBucket, withBucket } from '../support/s3/test-bucket.ts'
import { mediaList, names } from '../support/trial.ts'
import { until } from '../support/until.ts'

const ALL = names('cam00000000', 6, 1)

const read = async ({ url }: TestReceiver, path: string) => (await fetch(`${url}/live/streams/${path}`)).text()
const hasTakenUp = ({ logLines }: TestReceiver) => logLines.filter((line) => line.includes('playlist taken up')).length

/** A receiver that recorded a stream into the bucket, and is gone with its disk. */
async function recorded(bucket: TestBucket): Promise<{ vod: string; runs: string }> {
  const first = await bucket.start()
  for (const [index, name] of ALL.entries()) {
    expect(await put(first, name, `bytes of ${name}`)).toBe(201)
    const from = Math.max(0, index - 2)
    const foot = index === ALL.length - 1 ? ['#EXT-X-ENDLIST'] : []
    await put(first, 'cam.m3u8', mediaList(from, ALL.slice(from, index + 1), ...foot))
  }
  const [vod, runs] = [await read(first, 'cam.m3u8?playlist=vod'), await read(first, 'cam.m3u8?playlist=runs')]
  const { playlist } = (JSON.parse(runs) as { playlist: string }[])[0] ?? { playlist: '' }
  await until('the text of the run', () => (bucket.has(playlist)?.includes('ENDLIST') ? true : undefined))
  await until('the list', () => (bucket.has('cam.m3u8')?.includes('ENDLIST') ? true : undefined))
  await bucket.end(first, false)
  return { vod, runs }
}

test.concurrent('P3, P5: who takes over has what was recorded, goes on from there, and does so over restarts', () =>
  withBucket(async (bucket) => {
    const { vod, runs } = await recorded(bucket)
    const second = await bucket.start({ S3_TAKE_OVER: 'true' })
    expect(await read(second, 'cam.m3u8?playlist=vod')).toBe(vod)
    expect(await read(second, 'cam.m3u8?playlist=runs')).toBe(runs)
    expect(await read(second, 'cam000000001.ts')).toBe('bytes of cam000000001.ts')
    const tags = await fetch(`${second.url}/live/streams/cam000000001.ts`)
    expect(tags.headers.get('etag')).toMatch(/^"[0-9a-z-]+"$/)
    expect(await put(second, 'cam000000001.ts', 'another run')).toBe(201)
    expect(await put(second, 'cam.m3u8', mediaList(0, ['cam000000001.ts']))).toBe(200)
    await until('the next run', async () =>
      (await read(second, 'cam.m3u8')).includes('#EXT-X-MEDIA-SEQUENCE:6') ? true : undefined,
    )
    const both = await read(second, 'cam.m3u8?playlist=vod')
    expect(both).toBe(
      vod.replace('#EXT-X-ENDLIST', '#EXT-X-DISCONTINUITY\n#EXTINF:2.000000,\ncam000000007.ts\n#EXT-X-ENDLIST'),
    )
    await bucket.stored('cam000000007.ts', 'another run')
    expect(bucket.has('cam000000001.ts')).toBe('bytes of cam000000001.ts')
    await bucket.end(second, true)
    // What lies there from now on came by another way.
    const planted = Buffer.from(mediaList(0, ['cam000000001.ts']))
    bucket.server.objects.put('live/streams/planted.m3u8', planted, {}, { ifNoneMatch: undefined, ifMatch: undefined })
    const again = await bucket.start({ DATA_DIR: second.dataDir, S3_TAKE_OVER: 'true' })
    expect(hasTakenUp(again)).toBe(0)
    expect(await read(again, 'cam.m3u8?playlist=vod')).toBe(both)
  }))

test.concurrent('a take-over that fails in the middle says why, and is done again at the next start', () =>
  withBucket(async (bucket) => {
    const { vod } = await recorded(bucket)
    bucket.server.behaviour.fault = ({ method, key }) =>
      method === 'GET' && key.endsWith('cam.m3u8') ? { kind: 'status', status: 403, code: 'AccessDenied' } : undefined
    expect(await bucket.refusal({ S3_TAKE_OVER: 'true' })).toContain('AccessDenied')
    bucket.comeBack()
    expect(await bucket.refusal()).toContain('belongs to the receiver')
    const second = await bucket.start({ S3_TAKE_OVER: 'true' })
    expect(await read(second, 'cam.m3u8?playlist=vod')).toBe(vod)
  }))

test.concurrent('P7: apps that are not its own are left alone', () =>
  withBucket(async (bucket) => {
    await recorded(bucket)
    const second = await bucket.start({ S3_TAKE_OVER: 'true', APPS: 'one' })
    expect(hasTakenUp(second)).toBe(0)
  }))
