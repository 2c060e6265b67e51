import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ADMIN_KEY, type RestServer, startRest } from '../support/rest-server.ts'
import { until } from '../support/until.ts'

const MIB = 1024 * 1024
const FILE = randomBytes(3 * MIB)
/** More than two systems keep between them for one connection, in MiB. */
const LARGE_MIB = 64
/** A piece that has not gone for so long has been stopped, in ms. */
const STOPPED_MS = 1_000

let server: RestServer

beforeAll(async () => {
  server = await startRest()
})

beforeEach(() => {
  server.management.taken.length = 0
  server.management.asked.length = 0
  server.management.gate = () => undefined
})

afterAll(() => server.stop())

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const create = (query: string, body: BodyInit, headers: Record<string, string> = {}) =>
  server.ask('POST', `/vods/create${query}`, { body, headers })

function form(parts: Record<string, string | Uint8Array<ArrayBuffer>>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') data.append(name, value)
    else data.append(name, new Blob([value]), 'talk.mp4')
  }
  return data
}

test.each([
  ['before the file', { metadata: '{"who":"é"}', file: new Uint8Array(FILE) }],
  ['behind the file', { file: new Uint8Array(FILE), metadata: '{"who":"é"}' }],
])('a form is taken byte for byte, with its metadata %s', async (_where, parts) => {
  expect((await create('?name=My%20talk.mp4', form(parts))).body).toEqual({
    success: true,
    message: '000000000000000000000001',
    dataId: '000000000000000000000001',
    errorId: 0,
  })
  expect(server.management.taken).toEqual([
    { name: 'My talk.mp4', bytes: FILE.length, hash: hashOf(FILE), metadata: '{"who":"é"}' },
  ])
})

test.each(['video/mp4', 'video/webm; codecs="vp9"', 'audio/mpeg', 'VIDEO/MP4'])(
  'a body of %s is the file',
  async (type) => {
    await create('?name=a.webm', new Uint8Array(FILE), { 'Content-Type': type })
    expect(server.management.taken).toEqual([
      { name: 'a.webm', bytes: FILE.length, hash: hashOf(FILE), metadata: undefined },
    ])
  },
)

test('other parts, and a second file, are left aside', async () => {
  const data = form({ other: new Uint8Array(FILE), file: new Uint8Array([1, 2, 3]) })
  data.append('file', new Blob([new Uint8Array(MIB)]), 'second.mp4')
  await create('?name=a.mp4', data)
  expect(server.management.taken).toMatchObject([{ bytes: 3, hash: hashOf(new Uint8Array([1, 2, 3])) }])
})

test.each(['', '?name=', '?name=a', '?name=a.exe', '?name=mp4', '?name=a.mp4%00', '?name=a.ts'])(
  'a name %s of no kind that Ant Media takes is answered 200, and the body is not kept',
  async (query) => {
    const answer = await create(query, form({ file: new Uint8Array(FILE) }))
    expect(answer).toEqual({
      status: 200,
      body: { success: false, message: 'notSupportedFileType', dataId: null, errorId: 0 },
    })
    expect(server.management.asked).toEqual([])
  },
)

test('an extension may be in capitals, as cameras write it', async () => {
  expect((await create('?name=C0001.MP4', form({ file: new Uint8Array(1) }))).body).toMatchObject({ success: true })
  expect(server.management.taken).toMatchObject([{ name: 'C0001.MP4' }])
})

test('a name is made safe', async () => {
  await create(`?name=${encodeURIComponent('.a/b\\c\r\n?.mp4')}`, form({ file: new Uint8Array(1) }))
  expect(server.management.taken).toMatchObject([{ name: '_a_b_c___.mp4' }])
})

test('nobody sends a name of any length', async () => {
  const { body } = await create(`?name=${'a'.repeat(500)}.mp4`, form({ file: new Uint8Array(1) }))
  expect(body).toMatchObject({ success: false })
  expect(server.management.taken).toEqual([])
})

const BROKEN: readonly [string, string, string, number, string][] = [
  ['without a boundary', 'multipart/form-data', '', 400, 'form-invalid'],
  ['without parts', 'multipart/form-data; boundary=x', '--x--\r\n', 400, 'form-invalid'],
  ['that is empty', 'multipart/form-data; boundary=x', '', 400, 'form-invalid'],
  ['without a file', 'multipart/form-data; boundary=x', part('other', 'a') + end(), 400, 'form-invalid'],
  ['that ends in its file', 'multipart/form-data; boundary=x', part('file', 'a'), 400, 'form-invalid'],
  ['that ends in a head', 'multipart/form-data; boundary=x', '--x\r\nContent-Disp', 400, 'form-invalid'],
  ['with another boundary', 'multipart/form-data; boundary=y', part('file', 'a') + end(), 400, 'form-invalid'],
  [
    'with many parts',
    'multipart/form-data; boundary=x',
    part('a', 'b').repeat(50) + part('file', 'a') + end(),
    400,
    'form-invalid',
  ],
  [
    'with a large field',
    'multipart/form-data; boundary=x',
    part('file', 'a') +
      `--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n${'m'.repeat(70_000)}\r\n${end()}`,
    400,
    'form-invalid',
  ],
  ['of another kind', 'application/x-www-form-urlencoded', 'file=a', 415, 'body-type-unsupported'],
  ['of no kind', '', 'a', 415, 'body-type-unsupported'],
]

function part(name: string, text: string): string {
  return `--x\r\nContent-Disposition: form-data; name="${name}"; filename="f"\r\n\r\n${text}\r\n`
}

function end(): string {
  return '--x--\r\n'
}

test.each(BROKEN)('a form %s is refused', async (_what, type, text, status, code) => {
  const body = new TextEncoder().encode(text)
  const answer = await create('?name=a.mp4', body, type === '' ? {} : { 'Content-Type': type })
  expect(answer).toMatchObject({ status, body: { code } })
  expect(server.management.taken).toEqual([])
})

/** A form that is sent piece by piece, and how much of it has left this side. */
function slowUpload(type = 'multipart/form-data; boundary=x') {
  const headers = { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': type, 'Transfer-Encoding': 'chunked' }
  const upload = request(`${server.url}/LiveApp/rest/v2/vods/create?name=big.mp4`, { method: 'POST', headers })
  upload.on('error', () => undefined)
  const answered = new Promise<number | undefined>((resolve) => {
    upload.once('response', (response) => resolve(response.resume().statusCode))
    upload.once('close', () => resolve(undefined))
  })
  return { upload, answered }
}

test('what is not taken is not read: a large file waits at its sender, not here', async () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  server.management.gate = () => opened
  const { upload, answered } = slowUpload()
  const piece = randomBytes(MIB)
  const hash = createHash('sha256')
  upload.write('--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n')
  let sent = 0
  let isStopped = false
  while (!isStopped && sent < LARGE_MIB) {
    const gone = new Promise<boolean>((resolve) => upload.write(piece, () => resolve(false)))
    hash.update(piece)
    sent++
    isStopped = await Promise.race([gone, sleep(STOPPED_MS, true)])
  }
  expect(sent).toBeLessThan(LARGE_MIB / 2)
  open()
  upload.end('\r\n--x--\r\n')
  expect(await answered).toBe(200)
  expect(server.management.taken).toMatchObject([{ bytes: sent * MIB, hash: hash.digest('hex') }])
})

test.each(['multipart/form-data; boundary=x', 'video/mp4'])('a body of %s that is cut is no file', async (type) => {
  const { upload, answered } = slowUpload(type)
  upload.write(part('file', 'begin').slice(0, -2))
  await until('the file to be taken', () => server.management.asked.find((line) => line.startsWith('createVod')))
  upload.destroy()
  expect(await answered).toBeUndefined()
  await until('the cut to be told', () => server.logged.find((line) => line.includes('body-cut')))
  expect(server.management.taken).toEqual([])
})

test('a file that cannot be kept is answered so, and the form is read to its end', async () => {
  server.management.gate = () => Promise.reject(new Error('planted'))
  const { upload, answered } = slowUpload()
  upload.write(part('file', 'x'.repeat(100_000)))
  for (let sent = 0; sent < 8; sent++) upload.write(randomBytes(MIB))
  upload.end('\r\n--x--\r\n')
  expect(await answered).toBe(500)
})
