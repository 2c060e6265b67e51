import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ShownMakeJob } from '../../src/core/management/management.ts'
import type { Vod } from '../../src/core/vods/vod.ts'
import { type RestServer, startRest } from '../support/rest-server.ts'

const ID = 'AbCdEfGhIjKlMnOpQrStUvWx'
const VOD: Vod = {
  vodId: ID,
  type: 'streamVod',
  streamId: 'rooms/cam1',
  vodName: 'cam1_240p.mp4',
  file: 'rooms/cam1_240p.mp4',
  creationDate: 1795374700000,
  startTime: 1795374600000,
  duration: 60000,
  fileSize: 123456,
  preview: 'cam1_finished.png',
}
const EMPTY = {
  streamName: null,
  vodName: null,
  streamId: null,
  creationDate: 0,
  startTime: 0,
  duration: 0,
  fileSize: 0,
  filePath: null,
  vodId: null,
  type: null,
  previewFilePath: null,
  processStatus: null,
  processStartTime: 0,
  processEndTime: 0,
  description: null,
  metadata: null,
  latitude: null,
  longitude: null,
  altitude: null,
}
const JOB: ShownMakeJob = {
  id: '000001-a',
  state: 'running',
  percent: 40,
  attempts: 1,
  file: 'rooms/cam1.mp4',
  streamId: 'rooms/cam1',
}

let server: RestServer

beforeAll(async () => {
  server = await startRest()
})

beforeEach(() => {
  const { files, asked, made } = server.management
  files.clear()
  files.set(ID, VOD)
  for (const vodId of ['one', 'two', 'three']) files.set(vodId, { ...VOD, vodId })
  made.splice(0, made.length, JOB, {
    ...JOB,
    id: '000002',
    state: 'failed',
    error: { code: 'no-video', text: 'None.' },
  })
  asked.length = 0
})

afterAll(() => server.stop())

const removals = () => server.management.asked.filter((line) => line.startsWith('removeVod'))

test("a file has all of Ant Media's fields, in its order", async () => {
  const { body } = await server.ask('GET', `/vods/${ID}`)
  expect(body).toEqual({
    ...EMPTY,
    streamName: 'cam1',
    vodName: 'cam1_240p.mp4',
    streamId: 'rooms/cam1',
    creationDate: 1795374700000,
    startTime: 1795374600000,
    duration: 60000,
    fileSize: 123456,
    filePath: 'streams/rooms/cam1_240p.mp4',
    vodId: ID,
    type: 'streamVod',
    previewFilePath: 'previews/cam1_finished.png',
    processStatus: 'finished',
  })
  expect(Object.keys(body)).toEqual(Object.keys(EMPTY))
})

test('a part of a stream is told as one where nothing else describes it', async () => {
  server.management.files.set(ID, { ...VOD, isPart: true })
  expect((await server.ask('GET', `/vods/${ID}`)).body['description']).toContain('segment')
  server.management.files.set(ID, { ...VOD, isPart: true, description: 'Talk', metadata: '{"a":1}' })
  expect((await server.ask('GET', `/vods/${ID}`)).body).toMatchObject({ description: 'Talk', metadata: '{"a":1}' })
})

test.each(['nobody', 'a.b', 'a%2Fb', 'x'.repeat(100)])(
  'of %s, which there is not, every field is empty',
  async (id) => {
    expect(await server.ask('GET', `/vods/${id}`)).toEqual({ status: 200, body: EMPTY })
  },
)

test('a list is asked for in parts of at most 250, ordered, of one stream, or by a search', async () => {
  const { body } = await server.ask(
    'GET',
    '/vods/list/1/900?sort_by=name&order_by=asc&streamId=rooms%2Fcam1&search=cam',
  )
  expect((body as unknown as Vod[]).map(({ vodId }) => vodId)).toEqual(['one', 'two', 'three'])
  expect(server.management.asked).toEqual([
    'vods "LiveApp" {"offset":1,"size":250,"sortBy":"name","orderBy":"asc","search":"cam","streamId":"rooms/cam1"}',
  ])
})

test('they are counted', async () => {
  expect((await server.ask('GET', '/vods/count')).body).toEqual({ number: 4 })
  expect((await server.ask('GET', '/vods/count/none')).body).toEqual({ number: 0 })
})

test('one is removed; one that there is not, is not', async () => {
  expect((await server.ask('DELETE', `/vods/${ID}`)).body).toEqual({
    success: true,
    message: 'vod deleted',
    dataId: null,
    errorId: 0,
  })
  for (const id of [ID, 'a%2Fb', 'a.b']) {
    expect((await server.ask('DELETE', `/vods/${id}`)).body).toMatchObject({ success: false, message: '' })
  }
  expect(removals()).toEqual([`removeVod "LiveApp" "${ID}"`, `removeVod "LiveApp" "${ID}"`])
})

test('many are removed in order, up to the first that cannot be', async () => {
  expect((await server.ask('DELETE', '/vods?ids=one,%20two,')).body).toMatchObject({ success: true })
  expect((await server.ask('DELETE', '/vods/?ids=nobody,three')).body).toMatchObject({ success: false })
  expect(removals().map((line) => line.split(' ')[2])).toEqual(['"one"', '"two"', '"nobody"'])
})

test.each(['', '?ids=', '?ids=%20,,'])('without ids (%s) nothing is removed', async (query) => {
  const { body } = await server.ask('DELETE', `/vods${query}`)
  expect(body).toMatchObject({ success: false, message: expect.stringContaining('ids parameter is blank') as string })
  expect(removals()).toEqual([])
})

test('a folder is listed, and taken out of the list', async () => {
  expect((await server.ask('POST', '/vods/directory?directory=%2Fsrv%2Fvideo')).body).toMatchObject({
    success: true,
    message: '2 files are imported',
  })
  expect((await server.ask('DELETE', '/vods/directory?directory=/srv/video')).body).toMatchObject({ success: true })
  expect(server.management.asked).toEqual([
    'importFolder "LiveApp" "/srv/video"',
    'unlinkFolder "LiveApp" "/srv/video"',
  ])
})

test.each(['/srv/../etc', '..', '%2Fsrv%2F..%2Fetc', '%252e%252e/etc', '..%5Cetc', '.'])(
  'a folder %s that leaves its own is refused',
  async (folder) => {
    for (const method of ['POST', 'DELETE']) {
      const answer = await server.ask(method, `/vods/directory?directory=${folder}`)
      expect(answer).toMatchObject({ status: 403, body: { code: 'path-forbidden' } })
    }
    expect(server.management.asked).toEqual([])
  },
)

test('no folder is no folder', async () => {
  for (const query of ['', '?directory=', '?directory=%20']) {
    expect((await server.ask('POST', `/vods/directory${query}`)).body).toMatchObject({ success: false })
  }
  expect(server.management.asked).toEqual([])
})

test('jobs are listed with their progress, and ended', async () => {
  expect((await server.ask('GET', '/jobs')).body).toEqual([
    { ...JOB, error: null },
    { ...JOB, id: '000002', state: 'failed', error: { code: 'no-video', text: 'None.' } },
  ])
  expect((await server.ask('GET', '/jobs?offset=1&size=1')).body).toHaveLength(1)
  expect((await server.ask('DELETE', '/jobs/000001-a')).body).toMatchObject({ success: true, dataId: '000001-a' })
  expect((await server.ask('DELETE', '/jobs/000001-a')).body).toMatchObject({ success: false })
  expect((await server.ask('GET', '/jobs')).body).toHaveLength(1)
})

test('of very many jobs 250 are listed at once', async () => {
  server.management.made.splice(0, 2, ...Array.from({ length: 300 }, (_, at) => ({ ...JOB, id: String(at) })))
  expect((await server.ask('GET', '/jobs')).body).toHaveLength(250)
  expect((await server.ask('GET', '/jobs?offset=250')).body).toHaveLength(50)
})
