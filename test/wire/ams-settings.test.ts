import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { mediaList } from '../support/trial.ts'

const BREAK = '#EXT-X-DISCONTINUITY'
const EVENT = '#EXT-X-PLAYLIST-TYPE:EVENT'
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver.stop())

const at = (target: string, options: RequestInit = {}) => fetch(`${receiver.url}/live/${target}`, options)

async function put(name: string, body: string): Promise<void> {
  expect((await at(`hls-upload/${name}`, { method: 'PUT', body })).ok).toBe(true)
}

/** The bytes behind each URI of a served playlist. */
async function played(target: string): Promise<string[]> {
  const text = await (await at(`streams/${target}`)).text()
  const uris = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Promise.all(uris.map(async (uri) => (await at(`streams/${uri}`)).text()))
}

/** A run of Ant Media Server with these segments, and its bytes. */
async function push(list: string, segments: readonly string[], mark: string, first = 1): Promise<void> {
  for (const name of segments) await put(name, name + mark)
  await put(list, mediaList(first, segments))
}

describe('hlsflags: append_list', () => {
  const [one, two, three] = ['append000000001.ts', 'append000000002.ts', 'append000000003.ts']

  test('the recording goes on where it stopped: the server gets its own list back, and its numbers go on', async () => {
    await push('append.m3u8', [one, two], ' of run 1')
    const own = await (await at('hls-upload/append.m3u8')).text()
    expect(own).toBe(mediaList(1, [one, two]))
    await put(three, 'of run 2')
    await put('append.m3u8', mediaList(1, [one, two, BREAK, three]))
    expect(await played('append.m3u8')).toEqual([`${one} of run 1`, `${two} of run 1`, 'of run 2'])
  })

  test('without it, the recording goes on too: the files of the new run get the next free numbers', async () => {
    await push('naive.m3u8', ['naive000000001.ts', 'naive000000002.ts'], ' of run 1')
    await push('naive.m3u8', ['naive000000001.ts'], ' of run 2')
    expect(await played('naive.m3u8')).toEqual(['naive000000001.ts of run 2'])
    expect(await (await at('streams/naive.m3u8')).text()).toContain('\nnaive000000003.ts\n')
    expect(await played('naive.m3u8?playlist=vod')).toEqual([
      'naive000000001.ts of run 1',
      'naive000000002.ts of run 1',
      'naive000000001.ts of run 2',
    ])
  })
})

describe('addDateTimeToHlsFileName: true', () => {
  const first = 'cam1-2026-11-22_10-00-00.000'
  const second = 'cam1-2026-11-22_11-30-00.250'

  beforeAll(async () => {
    await push(`${first}.m3u8`, [`${first}000000001.ts`], '')
    await push(`${second}.m3u8`, [`${second}000000001.ts`], '')
  })

  test('each run is a playlist of its own, under the name that the server gave it', async () => {
    expect(await played(`${first}.m3u8`)).toEqual([`${first}000000001.ts`])
    expect(await played(`${second}.m3u8?playlist=vod`)).toEqual([`${second}000000001.ts`])
  })

  test('the plain name leads to the newest run, in every form and to any player', async () => {
    const answer = await at('streams/cam1.m3u8?playlist=vod', { redirect: 'manual' })
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe(`./${second}.m3u8?playlist=vod`)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(await played('cam1.m3u8')).toEqual([`${second}000000001.ts`])
  })

  test('the runs can be listed under the plain name', async () => {
    const runs = (await (await at('streams/cam1.m3u8?playlist=runs')).json()) as { playlist: string }[]
    expect(runs.map(({ playlist }) => playlist)).toEqual([`${first}.m3u8`, `${second}.m3u8`])
  })

  test('renditions and the multivariant playlist have plain names of their own', async () => {
    await push(`${second}_240p500kbps.m3u8`, [`${second}_240p500kbps000000001.ts`], '')
    await put(`${second}_adaptive.m3u8`, `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000\n${second}_240p500kbps.m3u8\n`)
    expect((await at('streams/cam1_240p500kbps.m3u8')).url).toMatch(`${second}_240p500kbps.m3u8`)
    expect(await (await at('streams/cam1_adaptive.m3u8')).text()).toContain(`\n${second}_240p500kbps.m3u8\n`)
  })

  test('a run that is not served yet leaves the one before in place', async () => {
    await put('cam1-2026-11-22_12-00-00.000.m3u8', mediaList(1, ['cam1-2026-11-22_12-00-00.000000000001.ts']))
    expect((await at('streams/cam1.m3u8')).url).toMatch(`${second}.m3u8`)
  })

  test('a list under the plain name that is refused changes nothing of that', async () => {
    expect((await at('hls-upload/cam1.m3u8', { method: 'PUT', body: 'no playlist' })).status).toBe(422)
    expect((await at('streams/cam1.m3u8')).url).toMatch(`${second}.m3u8`)
  })

  test('a stream of which nothing came has no plain name', async () => {
    expect((await at('streams/cam.m3u8')).status).toBe(404)
  })
})

describe('hlsPlayListType: event', () => {
  test('the playlist keeps every segment, and says that it does', async () => {
    const names = ['event000000001.ts', 'event000000002.ts', 'event000000003.ts']
    for (const [index, name] of names.entries()) {
      await put(name, name)
      await put('event.m3u8', mediaList(1, [EVENT, ...names.slice(0, index + 1)]))
    }
    expect(await played('event.m3u8')).toEqual(names)
    expect(await (await at('streams/event.m3u8')).text()).toContain(EVENT)
  })

  test('without it, the recording keeps what the list drops, and what the server deletes', async () => {
    const names = ['live000000001.ts', 'live000000002.ts', 'live000000003.ts']
    await push('live.m3u8', names.slice(0, 2), '')
    expect((await at(`hls-upload/${names[0]}`, { method: 'DELETE' })).status).toBe(200)
    await push('live.m3u8', names.slice(1), '', 2)
    expect(await played('live.m3u8')).toEqual(names.slice(1))
    expect(await played('live.m3u8?playlist=vod')).toEqual(names)
  })
})
