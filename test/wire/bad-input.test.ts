import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { chunkedPut, exchange } from '../support/exchange.ts'
import { hashTree } from '../support/tree.ts'

const UP = '/live/hls-upload'
let receiver: TestReceiver
let guarded: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver({ APPS: 'live', MAX_SEGMENT_BYTES: '100000' })
  guarded = await startReceiver({ INGEST_KEYS: 'k-all,live/stream1=k-one,other=k-other' })
})

afterAll(async () => {
  await receiver.stop()
  await guarded.stop()
})

/** Nothing lies in the tree, in the bodies or in the scratch folder. */
function expectNothingLeft({ dataDir }: TestReceiver): void {
  expect([...hashTree(join(dataDir, 'live')).keys()]).toEqual([])
  expect(readdirSync(join(dataDir, '.receiver/bodies'))).toEqual([])
  expect(readdirSync(join(dataDir, '.receiver/scratch'))).toEqual([])
}

const traversals = [
  '../x.ts',
  '%2e%2e/x.ts',
  '%2E%2E%2Fx.ts',
  '..%2fx.ts',
  '%252e%252e%252fx.ts',
  '..%5cx.ts',
  '%2e./x.ts',
  'a/../../x.ts',
  'a/%2e%2e/%2e%2e/x.ts',
  '../../../../etc/passwd.ts',
  './x.ts',
  'a%2f..%2fx.ts',
]

test.each(traversals)('P7: traversal %s is refused with path-forbidden', async (path) => {
  const answer = await exchange(receiver.port, chunkedPut(`${UP}/${path}`, 'x'))
  expect(answer).toMatchObject({ status: 403, code: 'path-forbidden' })
  const read = await exchange(
    receiver.port,
    `GET /live/streams/${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
  )
  expect(read).toMatchObject({ status: 403, code: 'path-forbidden' })
  expectNothingLeft(receiver)
})

const names: [what: string, target: string, status: number, code: string][] = [
  ['NUL', `${UP}/a%00b.ts`, 400, 'name-invalid'],
  ['a control character', `${UP}/a%0ab.ts`, 400, 'name-invalid'],
  ['a hidden name', `${UP}/.a.ts`, 400, 'name-invalid'],
  ['a folder like a file', `${UP}/a.ts/b.ts`, 400, 'name-invalid'],
  ['a 300-byte name', `${UP}/${'n'.repeat(297)}.ts`, 414, 'name-too-long'],
  ['a 300-byte name of 100 characters', `${UP}/${'%E2%82%AC'.repeat(99)}.ts`, 414, 'name-too-long'],
  ['a 4 KiB name', `${UP}/${'n'.repeat(4096)}.ts`, 414, 'name-too-long'],
  ['a 4 KiB path', `${UP}/${'f/'.repeat(2048)}a.ts`, 414, 'name-too-long'],
  ['an unknown extension', `${UP}/a.exe`, 415, 'file-kind-unsupported'],
  ['no extension', `${UP}/a`, 415, 'file-kind-unsupported'],
  ['no name', UP, 400, 'name-missing'],
  ['an unknown app', '/nowhere/hls-upload/a.ts', 404, 'app-unknown'],
  ['no endpoint', '/live/elsewhere/a.ts', 404, 'not-found'],
  ['the origin', '/live/streams/a.ts', 405, 'method-not-allowed'],
]

test.each(names)('PUT with %s', async (_, target, status, code) => {
  expect(await exchange(receiver.port, chunkedPut(target, 'x'))).toMatchObject({ status, code })
  expectNothingLeft(receiver)
})

const bodies: [what: string, request: string, status: number, code: string][] = [
  ['a body over the limit', chunkedPut(`${UP}/a.ts`, 'x'.repeat(100_001)), 413, 'body-too-large'],
  [
    'a length over the limit',
    `PUT ${UP}/a.ts HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\nConnection: close\r\n\r\n${'x'.repeat(100_001)}`,
    413,
    'body-too-large',
  ],
  [
    'a Content-Length that is no number',
    `PUT ${UP}/a.ts HTTP/1.1\r\nHost: h\r\nContent-Length: ten\r\n\r\nx`,
    400,
    'request-malformed',
  ],
  [
    'a raw backslash in its name',
    `PUT ${UP}/..\\a.ts HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx`,
    400,
    'request-malformed',
  ],
  [
    'Content-Length and chunks',
    `PUT ${UP}/a.ts HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'request-malformed',
  ],
  [
    'Content-Length twice',
    `PUT ${UP}/a.ts HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx`,
    400,
    'request-malformed',
  ],
  [
    'a raw space in its name',
    `PUT ${UP}/my a.ts HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'request-malformed',
  ],
  [
    'no Host that makes a URL',
    `PUT ${UP}/a.ts HTTP/1.1\r\nHost: a b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    400,
    'request-malformed',
  ],
  ['Content-Range', chunkedPut(`${UP}/a.ts`, 'x', ['Content-Range: bytes 5-5/*']), 400, 'content-range-unsupported'],
  ['a playlist that is HTML', chunkedPut(`${UP}/a.m3u8`, '<html>\n'), 422, 'playlist-invalid'],
  [
    'a playlist cut in its last line',
    chunkedPut(`${UP}/a.m3u8`, '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.t'),
    422,
    'playlist-invalid',
  ],
  ['a key file of 65,537 bytes', chunkedPut(`${UP}/a.key`, 'x'.repeat(65_537)), 413, 'body-too-large'],
  [
    'an end message that is no JSON',
    `POST ${UP} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{]`,
    400,
    'end-message-invalid',
  ],
]

test.each(bodies)('PUT with %s', async (_, request, status, code) => {
  expect(await exchange(receiver.port, request)).toMatchObject({ status, code })
  expectNothingLeft(receiver)
})

test('a Content-Length longer than the body leaves nothing', async () => {
  await exchange(receiver.port, `PUT ${UP}/a.ts HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nshort`, { cut: true })
  expect((await fetch(`${receiver.url}${UP}/a.ts`)).status).toBe(404)
  expectNothingLeft(receiver)
})

test('P6: a body cut at every tenth byte of a small segment is never visible', async () => {
  const whole = chunkedPut(`${UP}/cut.ts`, 'segment '.repeat(50))
  const headEnd = whole.indexOf('\r\n\r\n') + 4
  for (let end = headEnd; end < whole.length - 1; end += 10) {
    await exchange(receiver.port, whole.slice(0, end), { cut: true })
    expect((await fetch(`${receiver.url}${UP}/cut.ts`)).status, `cut after ${end} bytes`).toBe(404)
  }
  expectNothingLeft(receiver)
})

const keyed: [what: string, target: string, headers: string[], status: number, code: string][] = [
  ['no key', `${UP}/stream1.ts`, [], 401, 'key-missing'],
  ['a wrong key in the path', '/live/k/wrong/hls-upload/stream1.ts', [], 401, 'key-invalid'],
  ['a wrong Bearer', `${UP}/stream1.ts`, ['Authorization: Bearer wrong'], 401, 'key-invalid'],
  ['a wrong Basic', `${UP}/stream1.ts`, [`Authorization: Basic ${btoa('u:wrong')}`], 401, 'key-invalid'],
  ['an empty Basic', `${UP}/stream1.ts`, ['Authorization: Basic '], 401, 'key-missing'],
  ['a key of another app', '/live/k/k-other/hls-upload/stream1.ts', [], 403, 'key-scope'],
  ['a key of another stream', '/live/k/k-one/hls-upload/stream2000000001.ts', [], 403, 'key-scope'],
  ['a key of another stream, playlist', '/live/k/k-one/hls-upload/stream12.m3u8', [], 403, 'key-scope'],
  ['the beginning of a key', '/live/k/k-al/hls-upload/stream1.ts', [], 401, 'key-invalid'],
]

test.each(keyed)('P7: %s is refused', async (_, target, headers, status, code) => {
  const answer = await exchange(guarded.port, chunkedPut(target, 'x', headers))
  expect(answer).toMatchObject({ status, code })
  if (status === 401) expect(answer.text).toMatch(/WWW-Authenticate: Basic/i)
  expectNothingLeft(guarded)
})

test('P7: no key stands in a log line or in an answer', async () => {
  await exchange(guarded.port, chunkedPut('/live/k/k-all/hls-upload/stream1.ts', 'x'))
  const answer = await exchange(guarded.port, chunkedPut('/live/k/k-all/hls-upload/a.exe', 'x'))
  expect(answer.text).not.toContain('k-all')
  expect(guarded.logLines.join('\n')).not.toMatch(/k-all|k-one|k-other|wrong/)
})

const playlists: [what: string, uri: string][] = [
  ['a file on this machine', 'file:///etc/passwd'],
  ['a folder above its own', '../../x.ts'],
  ['the same, escaped', '%2e%2e/x.ts'],
  ['data', 'data:video/mp2t;base64,AAAA'],
]

test.each(playlists)('a playlist that names %s is refused', async (_, uri) => {
  const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${uri}\n`
  const answer = await exchange(receiver.port, chunkedPut(`${UP}/a.m3u8`, playlist))
  expect(answer).toMatchObject({ status: 422, code: 'playlist-invalid' })
  expectNothingLeft(receiver)
})

test('a body announced far over its limit is told so, not cut off', async () => {
  const socket = connect({ host: '127.0.0.1', port: receiver.port })
  const answer = new Promise<string>((resolve) => socket.once('data', (data: Buffer) => resolve(data.toString())))
  socket.write(`PUT ${UP}/a.m3u8 HTTP/1.1\r\nHost: h\r\nContent-Length: 200000000\r\n\r\n`)
  expect(await answer).toMatch(/^HTTP\/1\.1 413 /)
  socket.destroy()
})

test('P7: a playlist named by a query is refused, since the name would be public', async () => {
  const answer = await exchange(receiver.port, chunkedPut(`${UP}/upload?key=TOKEN&name=out.m3u8`, '#EXTM3U\n'))
  expect(answer).toMatchObject({ status: 400, code: 'name-invalid' })
  expect(receiver.logLines.join('\n')).not.toContain('TOKEN')
})

test('P7: the key of one stream does not write into the folder of another', async () => {
  const put = (path: string) => exchange(guarded.port, chunkedPut(`/live/k/k-one/hls-upload/${path}`, 'x'))
  expect(await put('stream2/init.mp4')).toMatchObject({ status: 403, code: 'key-scope' })
  expect((await put('init.mp4')).status).toBe(201)
})
