import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver({
    RESTART_POLICY: 'live/cam1=reject,live/cam3=overwrite,live/cam4=addDateTimeToHlsFileName',
  })
})

afterAll(() => receiver.stop())

const put = (name: string, body: string) => fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })

test('P3: under the policy reject a differing PUT under a known name is answered 409, and the first one stays', async () => {
  expect((await put('cam1000000001.ts', 'first')).status).toBe(201)
  const answer = await put('cam1000000001.ts', 'second')
  expect(answer.status).toBe(409)
  expect(await answer.json()).toMatchObject({ code: 'name-taken' })
  expect((await put('cam1000000001.ts', 'first')).status).toBe(200)
  const read = await fetch(`${receiver.url}/live/streams/cam1000000001.ts`)
  expect(await read.text()).toBe('first')
})

test('P3: other streams of the app keep both, the second under a name of its own', async () => {
  expect((await put('cam2000000001.ts', 'first')).status).toBe(201)
  expect((await put('cam2000000001.ts', 'second')).status).toBe(201)
  const read = await fetch(`${receiver.url}/live/streams/cam2000000001.ts`)
  expect(await read.text()).toBe('first')
})

test('under the policy overwrite the second takes the place of the first, and no cache keeps either for good', async () => {
  expect((await put('cam3000000001.ts', 'first')).status).toBe(201)
  expect((await put('cam3000000001.ts', 'second')).status).toBe(201)
  const read = await fetch(`${receiver.url}/live/streams/cam3000000001.ts`)
  expect(await read.text()).toBe('second')
  expect(read.headers.get('cache-control')).not.toContain('immutable')
})

test('under addDateTimeToHlsFileName each run has its date-time in its names, and the plain name plays the newest', async () => {
  const list = (name: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:2,\n${name}\n`
  const read = async (name: string) => (await fetch(`${receiver.url}/live/streams/${name}`)).text()
  for (const run of ['first', 'second']) {
    await put('cam4000000001.ts', run)
    await put('cam4.m3u8', list('cam4000000001.ts'))
  }
  const runs = JSON.parse(await read('cam4.m3u8?playlist=runs')) as { playlist: string }[]
  const own = runs.map(({ playlist }) => playlist.replace('.m3u8', '000000001.ts'))
  expect(await Promise.all(own.map(read))).toEqual(['first', 'second'])
  expect(await read('cam4.m3u8')).toContain(own[1])
  expect(await read('cam4.m3u8?playlist=vod')).not.toContain(own[0])
  expect(await read(runs[0]?.playlist ?? '')).toContain(own[0])
})
