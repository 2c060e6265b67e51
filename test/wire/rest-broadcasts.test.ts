import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Broadcast } from '../../src/core/management/management.ts'
import { type RestServer, startRest } from '../support/rest-server.ts'

const broadcast = (streamId: string, status: Broadcast['status'] = 'finished'): Broadcast => ({
  streamId,
  name: `name of ${streamId}`,
  status,
  startTime: 1795374600000,
  mp4Enabled: 1,
  webMEnabled: -1,
})

let server: RestServer

beforeAll(async () => {
  server = await startRest()
})

beforeEach(() => {
  const { streams, asked } = server.management
  streams.clear()
  for (const id of ['cam1', 'cam2', 'rooms/hall/cam3']) streams.set(id, broadcast(id))
  asked.length = 0
})

afterAll(() => server.stop())

const create = (value: unknown) =>
  server.ask('POST', '/broadcasts/create', {
    body: typeof value === 'string' ? value : JSON.stringify(value),
    headers: { 'Content-Type': 'application/json' },
  })

test("a stream has Ant Media's fields", async () => {
  server.management.streams.set('cam1', broadcast('cam1', 'broadcasting'))
  expect((await server.ask('GET', '/broadcasts/cam1')).body).toEqual({
    streamId: 'cam1',
    status: 'broadcasting',
    type: 'liveStream',
    publishType: null,
    name: 'name of cam1',
    description: null,
    category: null,
    metaData: null,
    startTime: 1795374600000,
    originAdress: null,
    mp4Enabled: 1,
    webMEnabled: -1,
    mainTrackStreamId: null,
    listenerHookURL: null,
    subFolder: null,
  })
})

test('the id of a stream in folders leads to it again', async () => {
  const { body } = await server.ask('GET', '/broadcasts/rooms%2fhall%2Fcam3')
  expect(body).toMatchObject({ streamId: 'rooms/hall/cam3', subFolder: 'rooms/hall' })
})

test('a stream that is not known is 404', async () => {
  expect(await server.ask('GET', '/broadcasts/nobody')).toMatchObject({ status: 404, body: { code: 'not-found' } })
})

test.each([
  ['/broadcasts/list/0/10', { offset: 0, size: 10 }],
  ['/broadcasts/list/1/1/', { offset: 1, size: 1 }],
  ['/broadcasts/list/-3/-1', { offset: 0, size: 0 }],
  ['/broadcasts/list/0/1000000', { offset: 0, size: 250 }],
  [
    '/broadcasts/list/0/5?sort_by=date&order_by=desc&search=a%2Fb+c',
    { offset: 0, size: 5, sortBy: 'date', orderBy: 'desc', search: 'a/b c' },
  ],
])('%s asks for %j', async (path, query) => {
  const { status, body } = await server.ask('GET', path)
  expect(status).toBe(200)
  expect(server.management.asked).toEqual([`broadcasts "LiveApp" ${JSON.stringify(query)}`])
  expect((body as unknown as unknown[]).length).toBe(Math.max(0, Math.min(query.size, 3 - query.offset)))
})

test('they are counted, all or those that a search finds', async () => {
  expect((await server.ask('GET', '/broadcasts/count')).body).toEqual({ number: 3 })
  expect((await server.ask('GET', '/broadcasts/count/cam1')).body).toEqual({ number: 1 })
  expect((await server.ask('GET', '/broadcasts/count/hall%2Fcam')).body).toEqual({ number: 1 })
})

test('a stream is created with its id and name, once', async () => {
  const made = await create({ streamId: ' new/cam ', name: 'New', type: 'liveStream', unknown: [1] })
  expect(made).toMatchObject({ status: 200, body: { streamId: 'new/cam', name: 'New', status: 'created' } })
  expect(await create({ streamId: 'new/cam' })).toEqual({
    status: 400,
    body: {
      success: false,
      message: 'Stream id is already being used. Please change stream id or keep it empty',
      dataId: null,
      errorId: 0,
    },
  })
})

test.each(['', '{}', '{"streamId":null,"name":null}', '{"streamId":"  "}'])(
  'of %j one gets an id of its own',
  async (text) => {
    const ids = [await create(text), await create(text)].map(({ body }) => body['streamId'])
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(ids[1]).not.toBe(ids[0])
  },
)

test.each(['../cam', 'a//b', '/a', 'a/', '.a', 'a\\b', 'a%2Fb', 'a\u0000', 'a?b', 'x'.repeat(300), '\ud800'])(
  'the id %j is not valid',
  async (streamId) => {
    expect(await create({ streamId })).toMatchObject({
      status: 400,
      body: { success: false, message: 'Stream id is not valid.' },
    })
    expect(server.management.asked.join()).not.toContain('createBroadcast')
  },
)

test.each([
  ['what is not JSON', '{', 400, 'request-invalid'],
  ['a list', '[]', 400, 'request-invalid'],
  ['an id that is a number', '{"streamId":1}', 400, 'request-invalid'],
  ['a body of 65 KiB', `{"name":"${'x'.repeat(66_000)}"}`, 413, 'body-too-large'],
])('%s creates nothing', async (_what, text, status, code) => {
  expect(await create(text)).toMatchObject({ status, body: { code } })
})

test('a body of any size without a length is read no further than 64 KiB', async () => {
  const piece = new Uint8Array(16 * 1024).fill(0x20)
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(piece)
      sent += piece.length
      if (sent > 32 * 1024 * 1024) controller.close()
    },
  })
  const answer = await server.ask('POST', '/broadcasts/create', { body, duplex: 'half' } as RequestInit)
  expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large' } })
})

test.each([
  ['/broadcasts/cam1/hls-to-mp4', '"cam1" {"deleteHls":false}'],
  ['/broadcasts/cam1.m3u8/hls-to-mp4?download=true&deleteHLSFiles=true', '"cam1" {"deleteHls":true}'],
  ['/broadcasts/rooms%2Fcam1_240p.m3u8/hls-to-mp4?deleteHLSFiles=yes', '"rooms/cam1_240p" {"deleteHls":false}'],
])('%s begins a job and answers at once', async (path, asked) => {
  expect((await server.ask('POST', path)).body).toEqual({ success: true, message: null, dataId: 'job-1', errorId: 0 })
  expect(server.management.asked).toEqual([`hlsToMp4 "LiveApp" ${asked}`])
})
