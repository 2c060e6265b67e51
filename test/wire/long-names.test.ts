import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

/** More than the journal takes as a key. */
const LONG = 'n'.repeat(5_000)
const UP = '/live/hls-upload'

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver.stop())

const put = (name: string, body: string) => fetch(`${receiver.url}${UP}/${name}`, { method: 'PUT', body })
const errors = () => receiver.logLines.filter((line) => line.includes('"level":"error"'))

test.each([`/${LONG}/streams/x.ts`, `/${LONG}/streams/x.m3u8?playlist=vod`, `/${LONG}/hls-upload/x.ts`])(
  'an app of an endless name is not found',
  async (path) => {
    expect((await fetch(receiver.url + path)).status).toBe(404)
    expect(errors()).toEqual([])
  },
)

test.each([
  ['segment', `#EXTINF:2,\n${LONG}.ts\n`],
  ['segment of a name in bytes', `#EXTINF:2,\n${'%E2%82%AC'.repeat(700)}.ts\n`],
  ['key', `#EXT-X-KEY:METHOD=AES-128,URI="${LONG}.key"\n#EXTINF:2,\na.ts\n`],
  ['key in itself', `#EXT-X-KEY:METHOD=AES-128,URI="data:text/plain;base64,${LONG}"\n#EXTINF:2,\na.ts\n`],
  ['map', `#EXT-X-MAP:URI="${LONG}.mp4"\n#EXTINF:2,\na.ts\n`],
])('a playlist is taken that names a %s that can not exist', async (_, entries) => {
  await put('a.ts', 'segment')
  const answer = await put('a.m3u8', `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n${entries}`)
  expect(answer.status).toBeLessThan(300)
  expect(errors()).toEqual([])
})

test('a multivariant playlist is taken that names a playlist that can not exist', async () => {
  const answer = await put('m.m3u8', `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${LONG}.m3u8\n`)
  expect(answer.status).toBeLessThan(300)
  expect(errors()).toEqual([])
})
