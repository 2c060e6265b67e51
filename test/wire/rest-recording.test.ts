import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Broadcast } from '../../src/core/management/management.ts'
import { ADMIN_KEY, type RestServer, startRest } from '../support/rest-server.ts'

const run = promisify(execFile)
const LIVE: Broadcast = {
  streamId: 'stream1',
  name: 'stream1',
  status: 'broadcasting',
  startTime: 1795374600000,
  mp4Enabled: 0,
  webMEnabled: 0,
}

let server: RestServer

beforeAll(async () => {
  server = await startRest()
})

beforeEach(() => {
  server.management.asked.length = 0
  server.management.streams.clear()
  server.management.streams.set('stream1', LIVE)
})

afterAll(() => server.stop())

/** The line of Ant Media's documentation as a shell runs it, with the key that this receiver wants. */
async function curl(path: string, ...more: string[]): Promise<unknown> {
  const url = `${server.url}/LiveApp/rest/v2/${path}`
  const { stdout } = await run('curl', ['-sS', '-X', 'PUT', '-H', `Authorization: Bearer ${ADMIN_KEY}`, ...more, url])
  return JSON.parse(stdout)
}

test("the curl line of Ant Media's documentation works as it stands there, and is answered field by field as there", async () => {
  const result = await curl('broadcasts/{stream1}/recording/{true}?recordType=mp4')
  expect(result).toEqual({
    success: true,
    message: '1795374606123',
    dataId: 'AbCdEfGhIjKlMnOpQrStUvWx',
    errorId: 0,
  })
  expect(Object.keys(result as object)).toEqual(['success', 'message', 'dataId', 'errorId'])
  expect(server.management.asked).toEqual(['switchRecording "LiveApp" "stream1" true {"format":"mp4","height":0}'])
})

test('a client that leaves the braces in the line means the same, and never the opposite', async () => {
  await curl('broadcasts/{stream1}/recording/{true}?recordType=mp4', '--globoff')
  await curl('broadcasts/%7Bstream1%7D/recording/%7Btrue%7D')
  await curl('broadcasts/{stream1}/recording/{false}', '--globoff')
  expect(server.management.asked.map((line) => line.split(' ').slice(2, 4).join(' '))).toEqual([
    '"stream1" true',
    '"stream1" true',
    '"stream1" false',
  ])
})

test.each([
  ['', { format: 'mp4', height: 0 }],
  ['?recordType=webm', { format: 'webm', height: 0 }],
  ['?resolutionHeight=240', { format: 'mp4', height: 240 }],
  ['?resolutionHeight=-5', { format: 'mp4', height: 0 }],
  ['?resolutionHeight=', { format: 'mp4', height: 0 }],
  ['?fileName=talk', { format: 'mp4', height: 0, fileName: 'talk' }],
  ['?fileName=talk.MP4', { format: 'mp4', height: 0, fileName: 'talk' }],
  ['?fileName=talk.mp4&recordType=webm', { format: 'webm', height: 0, fileName: 'talk.mp4' }],
  ['?fileName=a%2Fb%5Cc%0D%0Ad', { format: 'mp4', height: 0, fileName: 'a_b_c__d' }],
  ['?fileName=.mp4', { format: 'mp4', height: 0, fileName: '_mp4' }],
])('%s asks for %j', async (query, asked) => {
  expect((await server.ask('PUT', `/broadcasts/stream1/recording/true${query}`)).body).toMatchObject({ success: true })
  expect(server.management.asked).toEqual([`switchRecording "LiveApp" "stream1" true ${JSON.stringify(asked)}`])
})

test.each(['MP4', 'Webm', 'mov', 'null', ''])(
  'the type %j is none, and is answered with 200 as there',
  async (type) => {
    expect(await server.ask('PUT', `/broadcasts/stream1/recording/true?recordType=${type}`)).toEqual({
      status: 200,
      body: {
        success: false,
        message: 'No stream for this id: stream1 or unexpected record type. Record type is null',
        dataId: null,
        errorId: 0,
      },
    })
    expect(server.management.asked).toEqual([])
  },
)

test('a stream that is not known is answered 200 without success, as there', async () => {
  const { status, body } = await server.ask('PUT', '/broadcasts/nobody/recording/true')
  expect({ status, body }).toEqual({ status: 200, body: { success: false, message: null, dataId: null, errorId: 0 } })
})

test('a stream in folders has its slashes as %2F, and is asked for by its plain name', async () => {
  await server.ask('PUT', '/broadcasts/rooms%2Fa%20b%2Fcam1/recording/false')
  expect(server.management.asked).toEqual([
    'switchRecording "LiveApp" "rooms/a b/cam1" false {"format":"mp4","height":0}',
  ])
})

test.each([
  ['/broadcasts/stream1/recording/yes', 400, 'request-invalid'],
  ['/broadcasts/stream1/recording/1', 400, 'request-invalid'],
  ['/broadcasts/stream1/recording/true?resolutionHeight=high', 400, 'request-invalid'],
  ['/broadcasts/stream1/recording/true?resolutionHeight=1.5', 400, 'request-invalid'],
  ['/broadcasts/..%2Fstream1/recording/true', 403, 'path-forbidden'],
  ['/broadcasts/%252e%252e%252fstream1/recording/true', 403, 'path-forbidden'],
  ['/broadcasts/a%5Cb/recording/true', 403, 'path-forbidden'],
  ['/broadcasts/a%00b/recording/true', 400, 'name-invalid'],
  ['/broadcasts/.hidden/recording/true', 400, 'name-invalid'],
  [`/broadcasts/${'x'.repeat(300)}/recording/true`, 414, 'name-too-long'],
])('%s is refused with %i %s, and nothing is switched', async (path, status, code) => {
  const answer = await server.ask('PUT', path)
  expect(answer).toMatchObject({ status, body: { code } })
  expect(server.management.asked).toEqual([])
})
