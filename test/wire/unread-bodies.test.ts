import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

const MIB = 1024 * 1024
const PIECE = Buffer.alloc(MIB)
/** More than is ever read of a body that nobody wants, in pieces, and what the sockets of both sides may hold besides. */
const PIECES = 128
const MOST_PIECES = 64 + 24

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver({ INGEST_KEYS: 'key' })
})

afterAll(() => receiver.stop())

test.each([
  ['GET /healthz', 'h'],
  ['GET /live/streams/a.ts', 'h'],
  ['GET /live/k/key/hls-upload/a.ts', 'h'],
  ['HEAD /readyz', 'h'],
  ['OPTIONS /live/streams/a.ts', 'h'],
  ['PUT /live/hls-upload/a.ts', 'h'],
  ['PUT /live/hls-upload/a.ts', 'a b'],
])('P6: of a body that nobody reads only so much is taken: %s, Host: %s', async (request, host) => {
  const socket = connect({ host: '127.0.0.1', port: receiver.port }).on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const answered = once(socket, 'data')
  socket.write(`${request} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${2 * PIECES * MIB}\r\n\r\n`)
  await answered
  let sent = 0
  while (sent < PIECES && !socket.destroyed) {
    sent++
    if (!socket.write(PIECE)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
  }
  socket.destroy()
  expect(sent).toBeLessThan(MOST_PIECES)
})
