import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MadeFile } from '../../src/core/making/order.ts'
import type { ByteRange } from '../../src/core/object-store.ts'
import type { Clock } from '../../src/core/ports.ts'
import { ReceiverClient } from '../../src/recording/receiver-client.ts'
import { readFromReceiver } from '../../src/recording/receiver-input.ts'
import { ReceiverJobs } from '../../src/recording/receiver-jobs.ts'
import { textOf } from '../support/text-of.ts'

const KEY = 'key-of-the-workers'
const FILE = 'abcdefghij'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let url: string
let asked: { method: string; path: string; range: string | undefined; key: string | undefined; body: string }[]
let answers: Answer[]
let client: ReceiverClient

beforeEach(async () => {
  asked = []
  answers = []
  server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    const entry = { method, path, range: headers.range, key: headers.authorization, body: '' }
    asked.push(entry)
    entry.body = await textOf(request)
    const answer = answers.shift() ?? ((_, none) => none.writeHead(404).end())
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new ReceiverClient(`${url}/behind/`)
})

afterEach(async () => {
  client.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** The clock of a worker that waits for nothing. */
const hurry: Clock = {
  now: () => 0,
  after(_, run) {
    setImmediate(run)
    return () => {}
  },
}
const reading = (stored: string, range?: ByteRange) =>
  textOf(readFromReceiver(client, hurry, new AbortController().signal)('live', stored, range))
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end()
const part =
  (start: number, end: number, sent = end): Answer =>
  (_, response) => {
    response.writeHead(206, {
      'content-range': `bytes ${start}-${end - 1}/${FILE.length}`,
      'content-length': String(end - start),
    })
    if (sent === end) response.end(FILE.slice(start, end))
    else response.write(FILE.slice(start, sent), () => response.destroy())
  }
const whole =
  (sent = FILE.length): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-length': String(FILE.length) })
    if (sent === FILE.length) response.end(FILE)
    else response.write(FILE.slice(0, sent), () => response.destroy())
  }

describe('a worker reads', () => {
  test('a file, and a range of one, below its own setting and without its key', async () => {
    answers = [whole(), part(2, 5)]
    expect(await reading('sub/a b%41.ts')).toBe(FILE)
    expect(await reading('a.ts', { start: 2, end: 5 })).toBe('cde')
    const first = { method: 'GET', path: '/behind/live/streams/sub/a%20b%2541.ts', range: undefined, key: undefined }
    const second = { method: 'GET', path: '/behind/live/streams/a.ts', range: 'bytes=2-4', key: undefined }
    expect(asked).toMatchObject([first, second])
  })

  test('on from where it was, when the receiver breaks off or has trouble', async () => {
    answers = [status(503), whole(4), status(500), part(4, 10, 7), part(7, 10)]
    expect(await reading('a.ts')).toBe(FILE)
    expect(asked.map(({ range }) => range)).toEqual([undefined, undefined, 'bytes=4-9', 'bytes=4-9', 'bytes=7-9'])
  })

  test.each([
    ['a redirect', status(302, { location: '/elsewhere' }), 'receiver-refused'],
    ['no file', status(404), 'input-missing'],
    ['a whole file for a range', whole(), 'receiver-refused'],
    ['another range', part(3, 5), 'receiver-refused'],
    ['a shorter range', part(2, 4), 'input-missing'],
    ['a refusal', status(403), 'receiver-refused'],
  ])('nothing where it is answered %s, and asks nowhere else', async (_, answer, code) => {
    answers = [answer]
    await expect(reading('a.ts', { start: 2, end: 5 })).rejects.toMatchObject({ code })
    expect(asked).toHaveLength(1)
  })
})

describe('a worker tells the receiver', () => {
  const signal = new AbortController().signal
  let folder: string
  let made: MadeFile

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'made-'))
    const path = join(folder, 'made')
    writeFileSync(path, FILE)
    const content = { size: FILE.length, path, stream: () => (async function* () {})() }
    made = { content, durationMs: 4_000, remove: async () => {} }
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('how far it is, and brings files, with its key', async () => {
    const jobs = new ReceiverJobs(client, KEY)
    answers = [status(204), status(204), status(201)]
    await jobs.check()
    expect(await jobs.goesOn('a-1', 42, signal)).toBe('well')
    expect(await jobs.bring('a-1', made, signal)).toBe('well')
    const key = `Bearer ${KEY}`
    expect(asked).toMatchObject([
      { method: 'GET', path: '/behind/jobs', key },
      { method: 'POST', path: '/behind/jobs/a-1/progress?percent=42', key },
      { method: 'PUT', path: '/behind/jobs/a-1/result', key, body: FILE },
    ])
  })

  test.each([
    [404, 'unknown'],
    [409, 'taken'],
  ])('and understands %i', async (code, standing) => {
    const jobs = new ReceiverJobs(client, KEY)
    answers = [status(code), status(code)]
    expect(await jobs.goesOn('a-1', 42, signal)).toBe(standing)
    expect(await jobs.bring('a-1', made, signal)).toBe(standing)
  })

  test.each([
    [302, 'receiver-refused'],
    [401, 'worker-key-refused'],
    [413, 'job-too-large'],
    [503, undefined],
    [507, undefined],
  ])('and fails at %i, for good only where another try is of no use', async (code, expected) => {
    const jobs = new ReceiverJobs(client, KEY)
    answers = [status(code, { location: `${url}/elsewhere` })]
    const error: unknown = await jobs.bring('a-1', made, signal).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect((error as { code?: string }).code).toBe(expected)
    expect(asked).toHaveLength(1)
  })
})
