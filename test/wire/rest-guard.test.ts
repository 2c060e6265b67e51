import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange } from '../support/exchange.ts'
import { ADMIN_KEY, type RestServer, startRest } from '../support/rest-server.ts'

const COUNT = '/LiveApp/rest/v2/vods/count'
const basic = (user: string, password: string) => `Authorization: Basic ${btoa(`${user}:${password}`)}`

/** What a raw request with these headers is answered. */
async function answerOf(server: RestServer, headers: readonly string[], line = `GET ${COUNT}`) {
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : ['Host: receiver.example']
  const lines = [`${line} HTTP/1.1`, ...host, 'Connection: close', ...headers, '', '']
  const { status, code, text } = await exchange(server.port, lines.join('\r\n'))
  return { status, code, text }
}

describe('with admin keys', () => {
  let server: RestServer

  beforeAll(async () => {
    // An open one asks for the key as well.
    server = await startRest({ adminKeys: [ADMIN_KEY, 'other-key'], isOpen: true })
  })

  afterAll(() => server.stop())

  test.each([
    `Authorization: Bearer ${ADMIN_KEY}`,
    'Authorization: bearer other-key',
    basic('anyone', ADMIN_KEY),
    basic(ADMIN_KEY, ''),
  ])('%s lets in', async (header) => {
    expect(await answerOf(server, [header])).toMatchObject({ status: 200 })
  })

  test.each([
    [[], 'admin-key-missing'],
    [['Host: 127.0.0.1'], 'admin-key-missing'],
    [['Authorization: Bearer wrong'], 'admin-key-invalid'],
    [['Authorization: Bearer'], 'admin-key-invalid'],
    [[`Authorization: Bearer ${ADMIN_KEY}x`], 'admin-key-invalid'],
    [[basic('admin', 'wrong')], 'admin-key-invalid'],
    [[`Authorization: Digest ${ADMIN_KEY}`], 'admin-key-invalid'],
  ])('%j is answered 401 with a challenge and no CORS', async (headers, code) => {
    const answer = await answerOf(server, headers)
    expect(answer).toMatchObject({ status: 401, code })
    expect(answer.text).toMatch(/www-authenticate: basic/i)
    expect(answer.text).not.toMatch(/access-control/i)
  })

  test.each([
    'PUT /LiveApp/rest/v2/broadcasts/a/recording/true',
    'POST /LiveApp/rest/v2/broadcasts/create',
    'DELETE /LiveApp/rest/v2/vods/a',
    'GET /LiveApp/rest/v2/nothing',
    'PATCH /LiveApp/rest/v2/vods/a',
    'OPTIONS /LiveApp/rest/v2/vods/a',
    'GET /LiveApp/rest/v2',
    'GET /..%2F/rest/v2/vods/count',
  ])('%s tells nothing without a key', async (line) => {
    expect(await answerOf(server, [], line)).toMatchObject({ status: 401 })
    expect(server.management.asked.filter((each) => !each.startsWith('vodCount'))).toEqual([])
  })

  test.each([
    [['Sec-Fetch-Site: cross-site']],
    [['Sec-Fetch-Site: same-site']],
    [['Origin: https://evil.example']],
    [['Origin: null']],
    [['Origin: http://receiver.example.evil.example']],
    [['Origin: http://receiver.example', 'Sec-Fetch-Site: cross-site']],
  ])('a page of another site (%j) is refused with a good key too: browsers remember passwords', async (headers) => {
    const answer = await answerOf(server, [...headers, basic('admin', ADMIN_KEY)])
    expect(answer).toMatchObject({ status: 403, code: 'cross-site-refused' })
    expect(answer.text).not.toMatch(/access-control/i)
  })

  test.each([
    [['Sec-Fetch-Site: same-origin', 'Origin: http://receiver.example']],
    [['Sec-Fetch-Site: none']],
    [['Origin: http://receiver.example']],
    [['Origin: https://receiver.example']],
  ])('a page of its own (%j) is let in', async (headers) => {
    expect(await answerOf(server, [...headers, `Authorization: Bearer ${ADMIN_KEY}`])).toMatchObject({ status: 200 })
  })

  test('no key is ever in the log', () => {
    expect(server.logged.length).toBeGreaterThan(3)
    expect(server.logged.join('\n')).not.toMatch(/admin-key(?!-)|other-key|wrong|Basic|Bearer/)
  })
})

describe('without admin keys', () => {
  let open: RestServer
  let shut: RestServer

  beforeAll(async () => {
    open = await startRest({ adminKeys: [], isOpen: true })
    shut = await startRest({ adminKeys: [], isOpen: false })
  })

  afterAll(() => Promise.all([open.stop(), shut.stop()]))

  test.each(['127.0.0.1', '127.0.0.1:8080', 'localhost:80', 'LOCALHOST', '[::1]:8080', '127.1.2.3'])(
    'a program on this machine that asks %s is let in where the receiver is open, and only there',
    async (host) => {
      expect(await answerOf(open, [`Host: ${host}`])).toMatchObject({ status: 200 })
      expect(await answerOf(shut, [`Host: ${host}`])).toMatchObject({ status: 401, code: 'admin-key-missing' })
    },
  )

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '0.0.0.0', '[::2]', ''])(
    'a name that was made to point here (%s) is not let in',
    async (host) => {
      expect(await answerOf(open, [`Host: ${host}`])).toMatchObject({
        status: expect.toSatisfy((status) => status !== 200),
      })
    },
  )

  test.each(['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1', 'X-Real-IP: 127.0.0.1', 'Via: 1.1 proxy'])(
    'who comes through a proxy (%s) is not let in',
    async (header) => {
      expect(await answerOf(open, ['Host: 127.0.0.1', header])).toMatchObject({
        status: 401,
        code: 'admin-key-missing',
      })
    },
  )

  test('a page of another site is not let in', async () => {
    for (const header of ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site']) {
      const answer = await answerOf(open, ['Host: 127.0.0.1', header])
      expect(answer).toMatchObject({ status: 403, code: 'cross-site-refused' })
    }
  })
})

describe('apps', () => {
  let server: RestServer

  beforeAll(async () => {
    const mounts = [
      { app: null, parts: ['rest'] },
      { app: 'LiveApp', parts: ['LiveApp'] },
    ]
    server = await startRest({ apps: ['LiveApp'], mounts })
  })

  afterAll(() => server.stop())

  test.each([
    ['/other/rest/v2/vods/count', 404, 'app-unknown'],
    ['/k/rest/v2/vods/count', 404, 'not-found'],
    ['/-/rest/v2/vods/count', 404, 'not-found'],
    ['/Live%41pp/rest/v2/vods/count', 404, 'not-found'],
    ['//rest/v2/vods/count', 404, undefined],
  ])('%s is answered %i', async (path, status, code) => {
    const answer = await answerOf(server, [`Authorization: Bearer ${ADMIN_KEY}`], `GET ${path}`)
    expect(answer).toMatchObject({ status, ...(code === undefined ? {} : { code }) })
    expect(server.management.asked).toEqual([])
  })

  test('an upload endpoint that is mounted over the API does not stand for it', async () => {
    const unguarded = await answerOf(server, [], 'PUT /LiveApp/rest/v2/broadcasts/a.ts')
    expect(unguarded).toMatchObject({ status: 401, code: 'admin-key-missing' })
    const answer = await answerOf(server, [`Authorization: Bearer ${ADMIN_KEY}`])
    expect(answer).toMatchObject({ status: 200 })
  })
})
