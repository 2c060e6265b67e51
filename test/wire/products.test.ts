import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { bytesOf } from '../conformance/store-bodies.ts'
import { exchange } from '../support/exchange.ts'
import { keepProduct, withStorage } from '../support/with-storage.ts'

const SIZE = 300_000
const VIDEO = Buffer.from(bytesOf('video', SIZE))
const PICTURE = Buffer.from(bytesOf('picture', 5_000))

let receiver: TestReceiver

beforeAll(async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'products-'))
  await withStorage({ DATA_DIR }, async (storage) => {
    for (const name of ['cam1.mp4', 'sub/cam 1.webm']) await keepProduct(storage, 'vod', name, VIDEO)
    for (const name of ['cam1.png', 'cam1.jpg', 'sub/cam1.webp', 'page.svg'])
      await keepProduct(storage, 'preview', name, PICTURE)
  })
  receiver = await startReceiver({ DATA_DIR })
})

afterAll(() => receiver.stop())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${receiver.url}/live/${path}`, { headers, method })
const bodyOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code

describe('a video', () => {
  test('is served with its type, for good, to players on any site', async () => {
    const answer = await get('streams/cam1.mp4')
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(SIZE),
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    })
    expect((await bodyOf(answer)).equals(VIDEO)).toBe(true)
    const webm = await get('streams/sub/cam%201.webm')
    expect([webm.status, webm.headers.get('content-type')]).toEqual([200, 'video/webm'])
    expect((await bodyOf(webm)).equals(VIDEO)).toBe(true)
  })

  test.each([
    ['bytes=0-1', 0, 2],
    ['bytes=100-65999', 100, 66_000],
    ['bytes=299999-', 299_999, SIZE],
    ['bytes=-500', SIZE - 500, SIZE],
    ['bytes=-999999', 0, SIZE],
    ['bytes=299000-999999', 299_000, SIZE],
  ])('plays from anywhere, as browsers ask: %s', async (Range, start, end) => {
    const answer = await get('streams/cam1.mp4', { Range })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end - 1}/${SIZE}`])
    expect((await bodyOf(answer)).equals(VIDEO.subarray(start, end))).toBe(true)
  })

  test('several ranges at once get the whole file, one outside none', async () => {
    const several = await get('streams/cam1.mp4', { Range: 'bytes=0-1,5-6' })
    expect([several.status, (await bodyOf(several)).equals(VIDEO)]).toEqual([200, true])
    const outside = await get('streams/cam1.mp4', { Range: `bytes=${SIZE}-` })
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, `bytes */${SIZE}`])
    await outside.arrayBuffer()
  })

  test('HEAD and conditions are answered without its bytes', async () => {
    const head = await get('streams/cam1.mp4', {}, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(SIZE)])
    const etag = head.headers.get('etag') ?? ''
    expect((await get('streams/cam1.mp4', { 'If-None-Match': etag })).status).toBe(304)
    const part = await get('streams/cam1.mp4', { Range: 'bytes=0-1', 'If-Range': etag })
    expect([part.status, (await bodyOf(part)).length]).toEqual([206, 2])
    const other = await get('streams/cam1.mp4', { Range: 'bytes=0-1', 'If-Range': '"other"' })
    expect([other.status, (await bodyOf(other)).length]).toEqual([200, SIZE])
  })

  test('P7: is of its app and its folder alone', async () => {
    for (const path of ['one/streams/cam1.mp4', 'live/streams/sub/cam1.mp4', 'live/previews/cam1.mp4']) {
      const answer = await fetch(`${receiver.url}/${path}`)
      expect([answer.status, await codeOf(answer)], path).toEqual([404, 'not-found'])
    }
  })

  test('P3: an upload of its name leaves it as it is', async () => {
    const answer = await get('hls-upload/cam1.mp4', {}, 'GET')
    expect(await codeOf(answer)).toBe('not-found')
    const put = await fetch(`${receiver.url}/live/hls-upload/cam1.mp4`, { method: 'PUT', body: 'init' })
    expect(put.status).toBe(201)
    expect((await bodyOf(await get('streams/cam1.mp4'))).equals(VIDEO)).toBe(true)
    expect(await (await get('hls-upload/cam1.mp4')).text()).toBe('init')
    expect((await fetch(`${receiver.url}/live/hls-upload/x.webm`, { method: 'PUT', body: 'x' })).status).toBe(415)
  })
})

describe('a preview', () => {
  test.each([
    ['cam1.png', 'image/png'],
    ['cam1.jpg', 'image/jpeg'],
    ['sub/cam1.webp', 'image/webp'],
  ])('%s is served as %s, and asked for again', async (name, type) => {
    const answer = await get(`previews/${name}`)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=1',
      'access-control-allow-origin': '*',
    })
    expect((await bodyOf(answer)).equals(PICTURE)).toBe(true)
    const etag = answer.headers.get('etag') ?? ''
    expect((await get(`previews/${name}`, { 'If-None-Match': etag })).status).toBe(304)
    expect((await get(`previews/${name}`, {}, 'HEAD')).headers.get('content-length')).toBe(String(PICTURE.length))
  })

  test.each([
    ['live/previews/none.png', 404, 'not-found'],
    ['one/previews/cam1.png', 404, 'not-found'],
    ['live/streams/cam1.png', 404, 'not-found'],
    ['live/previews/page.svg', 404, 'not-found'],
    ['live/previews/cam1', 404, 'not-found'],
    ['live/previews/', 400, 'name-missing'],
    ['live/previews/.receiver/x.png', 400, 'name-invalid'],
    ['live/previews/../previews/cam1.png', 403, 'path-forbidden'],
    ['live/previews/%2e%2e/previews/cam1.png', 403, 'path-forbidden'],
    ['live/previews/..%2fpreviews%2fcam1.png', 403, 'path-forbidden'],
    ['live/previews/sub%2fcam1.webp', 403, 'path-forbidden'],
    ['live/previews/x.png/cam1.png', 400, 'name-invalid'],
  ])('P7: %s is answered %d %s', async (path, status, code) => {
    const answer = await exchange(receiver.port, `GET /${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect([answer.status, answer.code]).toEqual([status, code])
  })

  test('is read only, from any site', async () => {
    const options = await get('previews/cam1.png', {}, 'OPTIONS')
    expect([options.status, options.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, HEAD, OPTIONS'])
    for (const method of ['PUT', 'DELETE']) {
      expect(await codeOf(await get('previews/cam1.png', {}, method))).toBe('method-not-allowed')
    }
  })
})
