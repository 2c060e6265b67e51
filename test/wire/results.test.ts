import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/schema.ts'
import { DEFAULT_MOUNT } from '../../src/core/upload-target.ts'
import { createApp } from '../../src/http/app.ts'
import { KeyRing } from '../../src/http/key-ring.ts'
import { Drain } from '../../src/node/drain.ts'
import { createHttpServer, nodeRuntime } from '../../src/node/http-server.ts'
import { exchange } from '../support/exchange.ts'
import { MAX_RESULT_BYTES, orderOf, RemoteTrial, type TrialJob } from '../support/remote-trial.ts'
import { Trial } from '../support/trial.ts'
import { until } from '../support/until.ts'

const KEY = 'key-of-the-workers'
const BEARER = { Authorization: `Bearer ${KEY}` }

let trial: RemoteTrial
let server: Server
let port: number
let job: TrialJob

beforeEach(async () => {
  trial = new RemoteTrial()
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const app = createApp({
    receiver: new Trial().receiver,
    runtime: nodeRuntime(60_000),
    keys: new KeyRing([{ key: 'ingest-key', app: undefined, stream: undefined }], ['admin-key'], KEY),
    mounts: [DEFAULT_MOUNT],
    apps: [],
    maxUploads: 10,
    log,
    health: { isReady: () => true, details: () => ({}) },
    metrics: { contentType: 'text/plain', text: async () => '' },
    orders: trial.maker,
  })
  server = createHttpServer(app, readConfig({}), new Drain(), log)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
  job = await trial.begin(orderOf('a'))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  trial.close()
})

async function ask(method: string, path: string, headers: Record<string, string>, body?: string) {
  const init = { method, headers, redirect: 'manual' as const, ...(body === undefined ? {} : { body }) }
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init)
  const text = await answer.text()
  return { status: answer.status, code: text === '' ? undefined : (JSON.parse(text) as { code: string }).code }
}

const bring = (body: string, { id = job.id, ...headers }: Record<string, string> = {}) =>
  ask('PUT', `/jobs/${id}/result`, { ...BEARER, 'X-Duration-Ms': '4000', ...headers }, body)

/** The head of a result, and a beginning of it. */
const beginning = (length: string, body: string) =>
  [
    `PUT /jobs/${job.id}/result HTTP/1.1`,
    ...['Host: 127.0.0.1', `Authorization: Bearer ${KEY}`, 'X-Duration-Ms: 4000', length],
    ...['', body],
  ].join('\r\n')

describe('the file of a job', () => {
  test('is taken', async () => {
    expect(await bring('the file')).toEqual({ status: 201, code: undefined })
    const { content, durationMs } = await job.made
    expect(readFileSync(content.path ?? '', 'utf8')).toBe('the file')
    expect(durationMs).toBe(4_000)
  })

  test('is taken once: a second one is answered 409, and the first stays', async () => {
    await bring('the file')
    expect(await bring('another')).toEqual({ status: 409, code: 'result-taken' })
    const { content } = await job.made
    expect(readFileSync(content.path ?? '', 'utf8')).toBe('the file')
    expect(trial.left()).toHaveLength(1)
  })

  test('is the first that is whole, where two come at the same time', async () => {
    const slow = connect(port, '127.0.0.1')
    let answer = ''
    slow.setEncoding('latin1').on('data', (text: string) => {
      answer += text
    })
    slow.write(beginning('Content-Length: 10', 'begun'))
    await until('the one that began', () => (trial.left().length === 1 ? true : undefined))
    expect(await bring('the file')).toMatchObject({ status: 201 })
    slow.write('ended')
    await until('the answer', () => (answer.includes('result-taken') ? true : undefined))
    expect(answer).toContain('409')
    slow.destroy()
    const { content } = await job.made
    expect(readFileSync(content.path ?? '', 'utf8')).toBe('the file')
    expect(trial.left()).toHaveLength(1)
  })

  test('that is cut is not taken, and nothing of it stays', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(beginning('Content-Length: 10', 'begun'))
    await until('a file', () => (trial.left().length === 1 ? true : undefined))
    socket.destroy()
    await until('nothing', () => (trial.left().length === 0 ? true : undefined))
    expect(await bring('the file')).toMatchObject({ status: 201 })
  })

  test.each(['a', 'a-0000000000000000', '..%2Fa', '%00', 'x'.repeat(2_000)])(
    'of a wrong id, %j, is refused',
    async (id) => {
      expect(await bring('the file', { id })).toEqual({ status: 404, code: 'order-unknown' })
      expect(trial.left()).toEqual([])
    },
  )

  test('that is too large is refused before it comes', async () => {
    const head = beginning(`Content-Length: ${MAX_RESULT_BYTES + 1}`, '')
    expect(await exchange(port, head, { cut: true })).toMatchObject({ status: 413, code: 'body-too-large' })
    expect(await bring('x'.repeat(MAX_RESULT_BYTES))).toMatchObject({ status: 201 })
  })

  test('without a length, or with nothing in it, is refused', async () => {
    const chunked = await exchange(port, beginning('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n'))
    expect(chunked).toMatchObject({ status: 400, code: 'request-invalid' })
    expect(await bring('')).toEqual({ status: 400, code: 'request-invalid' })
    expect(trial.left()).toEqual([])
  })

  test.each(['', '-1', '1.5', 'NaN', '1e9', '9'.repeat(16)])('with a duration like %j is refused', async (duration) => {
    expect(await bring('x', { 'X-Duration-Ms': duration })).toEqual({ status: 400, code: 'request-invalid' })
  })
})

describe('workers', () => {
  test('tell how far they are, and hear whether they are to go on', async () => {
    const tell = (percent: string, id = job.id) => ask('POST', `/jobs/${id}/progress?percent=${percent}`, BEARER)
    expect(await tell('42')).toEqual({ status: 204, code: undefined })
    expect(job.percents).toEqual([42])
    for (const percent of ['', '-1', '101', '1.5']) expect(await tell(percent)).toMatchObject({ status: 400 })
    expect(await tell('1', 'b')).toEqual({ status: 404, code: 'order-unknown' })
    await bring('x')
    expect(await tell('50')).toEqual({ status: 409, code: 'result-taken' })
  })

  test.each([
    ['no key', {}, 'worker-key-missing'],
    ['another key', { Authorization: 'Bearer key-of-the-worker' }, 'worker-key-invalid'],
    ['an admin key', { Authorization: 'Bearer admin-key' }, 'worker-key-invalid'],
    ['an ingest key', { Authorization: 'Bearer ingest-key' }, 'worker-key-invalid'],
  ])('with %s are let in nowhere', async (_, headers: Record<string, string>, code) => {
    const refused = { status: 401, code }
    expect(await ask('GET', '/jobs', headers)).toEqual(refused)
    expect(await ask('POST', `/jobs/${job.id}/progress?percent=1`, headers)).toEqual(refused)
    const file = { 'X-Duration-Ms': '1', ...headers }
    expect(await ask('PUT', `/jobs/${job.id}/result`, file, 'x')).toEqual(refused)
    expect(job.percents).toEqual([])
    expect(trial.left()).toEqual([])
  })

  test('learn whether their key fits, and it fits nothing else', async () => {
    expect(await ask('GET', '/jobs', BEARER)).toEqual({ status: 204, code: undefined })
    expect(await ask('PUT', '/live/hls-upload/a0.ts', BEARER, 'x')).toEqual({ status: 401, code: 'key-invalid' })
  })
})
