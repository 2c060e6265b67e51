import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { chunkedPut, exchange } from '../support/exchange.ts'
import { hashTree, sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'

const UP = '/live/hls-upload'
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver({ INGEST_MOUNTS: '/http_upload_hls=live,/:app/in' })
})

afterAll(() => receiver.stop())

const bytes = async (answer: Response) => Buffer.from(await answer.arrayBuffer()).toString('latin1')
const put = (target: string, body: string) => exchange(receiver.port, chunkedPut(target, body))

test('two PUTs of one name at once: both are kept, the name reads back one of them, nothing is mixed', async () => {
  const [one, two] = ['1'.repeat(90_000), '2'.repeat(90_000)]
  const answers = await Promise.all([put(`${UP}/twice.ts`, one), put(`${UP}/twice.ts`, two)])
  expect(answers.map((answer) => answer.status)).toEqual([201, 201])
  expect([one, two]).toContain(await bytes(await fetch(`${receiver.url}${UP}/twice.ts`)))
  const tree = await until('both in the tree', () => {
    const found = [...hashTree(join(receiver.dataDir, 'live/streams'))].filter(([path]) => path.startsWith('twice'))
    return found.length === 2 ? new Map(found) : undefined
  })
  expect([...tree.keys()].sort()).toEqual(['twice.ts', 'twice_1.ts'])
  expect(new Set(tree.values())).toEqual(new Set([sha256(Buffer.from(one)), sha256(Buffer.from(two))]))
})

test('P3: a differing body under a stored name gets a new stored name; the same body again stores nothing', async () => {
  expect((await put(`${UP}/again.ts`, 'first')).status).toBe(201)
  expect((await put(`${UP}/again.ts`, 'first')).status).toBe(200)
  expect((await put(`${UP}/again.ts`, 'second')).status).toBe(201)
  expect(await bytes(await fetch(`${receiver.url}/live/streams/again.ts`))).toBe('first')
  expect(await bytes(await fetch(`${receiver.url}/live/streams/again_1.ts`))).toBe('second')
  expect(await bytes(await fetch(`${receiver.url}${UP}/again.ts`))).toBe('second')
})

test('an empty body never replaces content', async () => {
  await put(`${UP}/kept.ts`, 'content')
  expect((await put(`${UP}/kept.ts`, '')).status).toBe(200)
  expect(
    (await exchange(receiver.port, `PUT ${UP}/kept.ts HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)).status,
  ).toBe(200)
  expect(await bytes(await fetch(`${receiver.url}${UP}/kept.ts`))).toBe('content')
})

test('pipelined requests are all read, then answered in order', async () => {
  const requests = Array.from({ length: 20 }, (_, n) =>
    chunkedPut(`${UP}/pipe${n}.ts`, `body ${n}`).replace('Connection: close', 'Connection: keep-alive'),
  )
  const answer = await exchange(receiver.port, requests.join(''))
  expect([...answer.text.matchAll(/HTTP\/1\.1 201 /g)]).toHaveLength(20)
  for (let n = 0; n < 20; n++) expect(await bytes(await fetch(`${receiver.url}${UP}/pipe${n}.ts`))).toBe(`body ${n}`)
})

test('pipelined requests of a client that is gone at once are all kept', async () => {
  const requests = Array.from({ length: 10 }, (_, n) =>
    chunkedPut(`${UP}/gone${n}.ts`, `body ${n}`).replace('Connection: close', 'Connection: keep-alive'),
  )
  const socket = connect({ host: '127.0.0.1', port: receiver.port })
  await new Promise<void>((resolve) => socket.end(requests.join(''), resolve))
  socket.destroy()
  await until('the last one', async () => ((await fetch(`${receiver.url}${UP}/gone9.ts`)).ok ? true : undefined))
  for (let n = 0; n < 10; n++) expect((await fetch(`${receiver.url}${UP}/gone${n}.ts`)).status).toBe(200)
})

test('success is answered with an empty body and a length', async () => {
  const { text } = await put(`${UP}/length.ts`, 'x')
  expect(text).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
  expect(text).toMatch(/content-length: 0\r\n/i)
  expect(text.endsWith('\r\n\r\n')).toBe(true)
})

test('DELETE is accepted and deletes nothing', async () => {
  await put(`${UP}/stays.ts`, 'x')
  const answer = await exchange(
    receiver.port,
    `DELETE ${UP}/stays.ts HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`,
  )
  expect(answer.status).toBe(200)
  expect((await fetch(`${receiver.url}/live/streams/stays.ts`)).status).toBe(200)
})

test('AMS’s end message is answered at once, with and without a slash', async () => {
  const message = JSON.stringify({ streamId: 'stream1', filePath: 'streams/stream1', command: 'publish_finished' })
  const headers = { 'Content-Type': 'text/plain; charset=ISO-8859-1' }
  for (const path of [UP, `${UP}/`]) {
    const answer = await fetch(receiver.url + path, { method: 'POST', body: message, headers })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  }
})

test('POST takes a file as PUT does, at every endpoint and with its name in the query', async () => {
  await fetch(`${receiver.url}/live/in/sub/posted.ts`, { method: 'POST', body: 'posted' })
  expect(await bytes(await fetch(`${receiver.url}/live/streams/sub/posted.ts`))).toBe('posted')
  await fetch(`${receiver.url}/http_upload_hls?cid=abc&copy=0&file=out7.ts`, { method: 'POST', body: 'queried' })
  expect(await bytes(await fetch(`${receiver.url}/live/streams/out7.ts`))).toBe('queried')
})

test('Expect: 100-continue is answered before the body', async () => {
  const socket = connect({ host: '127.0.0.1', port: receiver.port })
  socket.write(
    `PUT ${UP}/expected.ts HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n`,
  )
  expect(await nextText(socket)).toMatch(/^HTTP\/1\.1 100 /)
  socket.write('1\r\nx\r\n0\r\n\r\n')
  expect(await nextText(socket)).toMatch(/^HTTP\/1\.1 201 /)
  socket.destroy()
})

test('an upload that is announced early may wait for its body', async () => {
  const socket = connect({ host: '127.0.0.1', port: receiver.port })
  socket.write(`PUT ${UP}/init.mp4 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n`)
  await put(`${UP}/meanwhile1.ts`, 'x')
  await put(`${UP}/meanwhile2.ts`, 'x')
  socket.write('4\r\ninit\r\n0\r\n\r\n')
  expect(await nextText(socket)).toMatch(/^HTTP\/1\.1 201 /)
  socket.destroy()
})

function nextText(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (data: Buffer) => resolve(data.toString('latin1'))))
}

test('P7: an upload URL with its key reaches no player, in whatever tag it stands', async () => {
  const guarded = await startReceiver({ INGEST_KEYS: 's3cret' })
  const upload = `${guarded.url}/live/k/s3cret/hls-upload`
  const text = (name: string) =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SESSION-DATA:DATA-ID="x",URI="${upload}/${name}"\n#EXTINF:2,\n${upload}/a.ts\n`
  const send = (name: string, body: string) => fetch(`${upload}/${name}`, { method: 'PUT', body })
  await send('a.ts', 'segment')
  for (const name of ['missing.json', 'a.ts']) {
    await send('x.m3u8', text(name))
    expect(await (await fetch(`${guarded.url}/live/streams/x.m3u8`)).text()).toBe(
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SESSION-DATA:DATA-ID="x",URI="${name}"\n#EXTINF:2,\na.ts\n`,
    )
  }
  await guarded.stop()
})

test('a segment that the encoder itself calls a gap holds nothing up', async () => {
  await fetch(`${receiver.url}${UP}/gap1.ts`, { method: 'PUT', body: 'segment' })
  const body = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-GAP\ngap0.ts\n#EXTINF:2,\ngap1.ts\n'
  await fetch(`${receiver.url}${UP}/gap.m3u8`, { method: 'PUT', body })
  expect(await (await fetch(`${receiver.url}/live/streams/gap.m3u8`)).text()).toBe(body)
})

test.each([
  ['behind a proxy with folders of its own', (url: string) => `${url.replace('/live/', '/ingest/v1/live/')}/k.key`],
  ['with a password in front', () => 'https://user:s3cret@example.org/k.key'],
])('P7: a KEY URI %s shows no key to a player', async (_, uriOf) => {
  const guarded = await startReceiver({ INGEST_KEYS: 's3cret' })
  const upload = `${guarded.url}/live/k/s3cret/hls-upload`
  const send = (name: string, body: string) => fetch(`${upload}/${name}`, { method: 'PUT', body })
  await send('k.key', '0123456789abcdef')
  await send('a.ts', 'segment')
  await send(
    'x.m3u8',
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI="${uriOf(upload)}"\n#EXTINF:2,\na.ts\n`,
  )
  const served = await (await fetch(`${guarded.url}/live/streams/x.m3u8`)).text()
  expect(served).toContain('#EXT-X-KEY:METHOD=AES-128,URI="')
  expect(served).not.toContain('s3cret')
  await guarded.stop()
})

test('a request line with a whole URL is served like any other', async () => {
  await put(`${UP}/whole.ts`, 'segment')
  const answer = await exchange(
    receiver.port,
    `GET http://example.org/live/streams/whole.ts HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n`,
  )
  expect(answer.text.endsWith('segment')).toBe(true)
})

test('nonsense behind a request never lands inside its answer', async () => {
  const body = 'x'.repeat(8_000_000)
  await fetch(`${receiver.url}${UP}/large.ts`, { method: 'PUT', body })
  const { text } = await exchange(
    receiver.port,
    'GET /live/streams/large.ts HTTP/1.1\r\nHost: h\r\n\r\nNONSENSE\r\n\r\n',
  )
  expect([...text.matchAll(/HTTP\/1\.1/g)].length).toBeLessThanOrEqual(1)
})
