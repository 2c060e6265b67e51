import { afterEach, beforeEach, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { chunkedPut, exchange } from '../support/exchange.ts'

const NONSENSE = 50

let receiver: TestReceiver

beforeEach(async () => {
  receiver = await startReceiver({ INGEST_KEYS: 's3cret' })
})

afterEach(() => receiver.stop())

const refusals = () =>
  receiver.logLines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'refused')

test.each([
  ['/live/k/s3cret/elsewhere/a.ts', 'not-found'],
  ['/live/streams/a.ts', 'method-not-allowed'],
  ['/live/k/s3cret/hls-upload/../a.ts', 'path-forbidden'],
])('an upload to %s shows in the log, without its key', async (target, code) => {
  await exchange(receiver.port, chunkedPut(target, 'x'))
  expect(refusals()).toEqual([{ level: 'warn', event: 'refused', code, method: 'PUT' }])
  expect(receiver.logLines.join('\n')).not.toContain('s3cret')
})

test('players that ask for what is not here do not', async () => {
  await fetch(`${receiver.url}/favicon.ico`)
  expect(refusals()).toEqual([])
})

test('a request that is no HTTP shows in the log, without its key; a flood of them does not fill it', async () => {
  const request = 'PUT /live/k/s3cret/hls-upload/my a.ts HTTP/1.1\r\nHost: h\r\n\r\n'
  for (let sent = 0; sent < NONSENSE; sent++) await exchange(receiver.port, request)
  expect(refusals()[0]).toMatchObject({ level: 'warn', code: 'request-malformed', unsaid: 0 })
  expect(refusals().length).toBeLessThan(NONSENSE / 5)
  expect(receiver.logLines.join('\n')).not.toContain('s3cret')
})
