import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { mediaList } from '../support/trial.ts'

const END = '#EXT-X-ENDLIST'
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
  await upload('a.ts', 'a')
  await upload('b.ts', 'b')
  await upload('one.m3u8', mediaList(0, ['a.ts']))
  await upload('one.m3u8', mediaList(1, ['b.ts'], END))
  await upload('all.m3u8', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\none.m3u8\n')
})

afterAll(() => receiver.stop())

async function upload(name: string, body: string): Promise<void> {
  const answer = await fetch(`${receiver.url}/live/hls-upload/${name}`, { method: 'PUT', body })
  expect(answer.ok).toBe(true)
}

const get = (target: string, options: RequestInit = {}) => fetch(`${receiver.url}/live/streams/${target}`, options)

test('the recording is a form of the playlist, with its type, its size and an entity tag', async () => {
  const answer = await get('one.m3u8?playlist=vod')
  const text = await answer.text()
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual(['a.ts', 'b.ts'])
  expect(answer.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
  const head = await get('one.m3u8?playlist=vod', { method: 'HEAD' })
  expect(head.headers.get('content-length')).toBe(String(text.length))
  const tag = answer.headers.get('etag') ?? ''
  expect((await get('one.m3u8?playlist=vod', { headers: { 'If-None-Match': tag } })).status).toBe(304)
  expect((await get('one.m3u8', { headers: { 'If-None-Match': tag } })).status).toBe(200)
})

test('a multivariant playlist leads to the recordings of its playlists', async () => {
  const text = await (await get('all.m3u8?playlist=vod')).text()
  expect(text).toContain('\none.m3u8?playlist=vod\n')
})

test('the runs of a playlist are listed as JSON, and each is a playlist', async () => {
  const answer = await get('one.m3u8?playlist=runs')
  expect(answer.headers.get('content-type')).toBe('application/json')
  const runs = (await answer.json()) as { playlist: string; startedAt: string }[]
  expect(runs).toHaveLength(1)
  expect(Date.parse(runs[0]?.startedAt ?? '')).toBeGreaterThan(Date.now() - 60_000)
  const run = await get(runs[0]?.playlist ?? '')
  expect(run.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
  expect(await run.text()).toBe(await (await get('one.m3u8?playlist=vod')).text())
})

test('a stream ends with the message of its server, which is answered at once', async () => {
  await upload('over000000001.ts', 'over')
  await upload('over.m3u8', mediaList(1, ['over000000001.ts']))
  const message = JSON.stringify({ streamId: 'over', filePath: 'streams/over', command: 'publish_finished' })
  const answer = await fetch(`${receiver.url}/live/hls-upload`, { method: 'POST', body: message })
  expect(answer.status).toBe(200)
  expect(await (await get('over.m3u8')).text()).not.toContain(END)
  await expect.poll(async () => (await get('over.m3u8')).text(), { timeout: 14_000 }).toContain(END)
}, 20_000)

test.each([
  ['a form that there is not', 'one.m3u8?playlist=other', 400, 'query-invalid'],
  ['the runs of a playlist that there is not', 'none.m3u8?playlist=runs', 404, 'not-found'],
  ['a playlist that there is not', 'none.m3u8?playlist=vod', 404, 'not-found'],
])('%s is refused with a code', async (_what, target, status, code) => {
  const answer = await get(target)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({ code })
})

test('a query that other software adds changes nothing', async () => {
  expect((await get('one.m3u8?token=1')).status).toBe(200)
  expect((await get('a.ts?playlist=other')).status).toBe(200)
})

describe('a clip', () => {
  const seconds = () => Math.floor(Date.now() / 1000)
  const lines = async (answer: Response) =>
    (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))

  test('is asked for in seconds, as Ant Media Server has it, or as ISO 8601', async () => {
    const [start, end] = [seconds() - 3_600, seconds() + 3_600]
    expect(await lines(await get(`one.m3u8?start=${start}&end=${end}`))).toEqual(['a.ts', 'b.ts'])
    const iso = (at: number) => new Date(at * 1000).toISOString()
    expect(await lines(await get(`one.m3u8?start=${iso(start)}&end=${iso(end)}`))).toEqual(['a.ts', 'b.ts'])
    // The plus sign of a time zone that nobody escaped is a space.
    const zoned = new Date((start + 3_600) * 1000).toISOString().replace('.000Z', '+01:00')
    expect(await lines(await get(`one.m3u8?start=${zoned}`))).toEqual(['a.ts', 'b.ts'])
  })

  test('of a multivariant playlist leads to those of its playlists', async () => {
    expect(await lines(await get('all.m3u8?start=1&end=2096-01-01T00:00:00%2B01:00'))).toEqual([
      'one.m3u8?start=1&end=2096-01-01T00%3A00%3A00%2B01%3A00',
    ])
  })

  test.each([
    'start=',
    'start=now',
    'start=5&end=5',
    'end=2&start=3',
    'start=1760000000000',
    'start=2026-01-01T00:00:00',
    'end=-1',
  ])('of a range that is none is refused: %s', async (query) => {
    const answer = await get(`one.m3u8?${query}`)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'clip-range-invalid'])
  })

  test('of a time in which nothing was recorded is not found, with a code of its own', async () => {
    const answer = await get('one.m3u8?start=1&end=2')
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'clip-empty'])
    expect((await get('none.m3u8?start=1&end=2')).status).toBe(404)
    expect((await get('one.m3u8?start=1&playlist=vod')).status).toBe(400)
  })
})
