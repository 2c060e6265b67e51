import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OPERATIONS } from '../../src/http/routes/rest/rest.ts'
import { exchange } from '../support/exchange.ts'
import { ADMIN_KEY, type RestServer, startRest } from '../support/rest-server.ts'

const RUNS = 400

let server: RestServer

beforeAll(async () => {
  server = await startRest()
})

afterAll(() => server.stop())

const odd = fc.oneof(
  fc.constantFrom('..', '.', '%2e%2e', '%2E.', '..%2f..', '%252e%252e%252fetc', '..%5c', 'a\\..\\b', '%00', '%', '%zz'),
  fc.constantFrom('-1', '0', '250', '999999999999999999999', '1e9', 'NaN', '0x10', '1.5', ' ', '%20', 'true', '{true}'),
  fc.constantFrom(
    'count',
    'list',
    'create',
    'directory',
    '__proto__',
    'constructor',
    'a%2Fb',
    '%ff%fe',
    'é',
    ';',
    ':id',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map(encodeURIComponent),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))),
  fc.nat(400).map((length) => 'x'.repeat(length)),
)
const query = fc
  .array(
    fc.tuple(fc.constantFrom('ids', 'directory', 'name', 'search', 'sort_by', 'recordType', 'fileName', 'size'), odd),
    {
      maxLength: 3,
    },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'))
/** Paths of operations with something odd in the place of parameters, and paths of anything. */
const path = fc.oneof(
  fc
    .tuple(fc.constantFrom(...OPERATIONS), fc.array(odd, { minLength: 2, maxLength: 2 }))
    .map(([operation, values]) => operation.path.replace(/\{\w+\}/g, () => values.pop() ?? 'x')),
  fc.array(odd, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
)
const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND')
const body = fc.constantFrom('', '{', '{"streamId":"../x"}', '{"streamId":{}}', '--x\r\n', 'null', '"', '\u0000')

test('whatever is asked is answered by 2xx, or by 4xx with a code, and nothing leaves its folder', async () => {
  const statuses = new Set<number | undefined>()
  await fc.assert(
    fc.asyncProperty(method, path, query, body, async (verb, way, asked, text) => {
      const target = `/LiveApp/rest/v2${way}${asked === '' ? '' : `?${asked}`}`.replaceAll(' ', '%20')
      const head = [`${verb} ${target} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${ADMIN_KEY}`]
      const lines = [...head, 'Content-Type: multipart/form-data; boundary=x', `Content-Length: ${text.length}`]
      const answer = await exchange(server.port, `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${text}`)
      statuses.add(answer.status)
      expect(answer.status, target).toBeGreaterThanOrEqual(200)
      expect(answer.status, target).toBeLessThan(500)
      if (answer.status !== 200 && verb !== 'HEAD') expect(answer.text, target).toMatch(/"code":"|"success":false/)
    }),
    { numRuns: RUNS },
  )
  expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 400, 403, 404, 405]))
  expect(server.logged.filter((line) => line.includes('request failed'))).toEqual([])
  const values = server.management.asked.flatMap((line) => line.match(/"(?:[^"\\]|\\.)*"/g) ?? [])
  const texts = values.map((value) => JSON.parse(value) as string)
  expect(texts.filter((text) => text.split(/[/\\]/).includes('..'))).toEqual([])
})

test.each([
  ['PATCH', '/vods/count', 405, 'method-not-allowed'],
  ['PUT', '/vods/list/0/5', 405, 'method-not-allowed'],
  ['GET', '/vods', 405, 'method-not-allowed'],
  ['DELETE', '/vods/list/0/5', 405, 'method-not-allowed'],
  ['GET', '/vods/list/0', 404, 'not-found'],
  ['GET', '/', 404, 'not-found'],
  ['GET', '/nothing', 404, 'not-found'],
  ['GET', '/vods/list/a/5', 400, 'request-invalid'],
  ['GET', '/vods/list/0/1e999', 400, 'request-invalid'],
])('%s %s is answered %i %s', async (verb, way, status, code) => {
  expect(await server.ask(verb, way)).toMatchObject({ status, body: { code } })
})
