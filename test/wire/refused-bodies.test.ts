import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

const UP = '/live/hls-upload'
const PIECE = `10000\r\n${'x'.repeat(0x10000)}\r\n`
const PIECES = 30
/** How long an encoder takes for a piece, in ms: all of them take longer than a connection may be idle while stopping. */
const PIECE_MS = 30
const DRAIN_SECONDS = 10

/** Gives a test a receiver of its own, so that all wait together. */
async function withReceiver(use: (receiver: TestReceiver) => Promise<void>): Promise<void> {
  const receiver = await startReceiver({ INGEST_KEYS: 'key', DRAIN_SECONDS: String(DRAIN_SECONDS) })
  await use(receiver).finally(() => receiver.stop())
}

const head = (target: string, version = '1.1', connection = 'close') =>
  `PUT ${target} HTTP/${version}\r\nHost: h\r\nConnection: ${connection}\r\nTransfer-Encoding: chunked\r\n\r\n`

/** What an encoder sees that sends a file, is refused in the middle, and sends on as if nothing was. */
class SlowEncoder {
  readonly socket: Socket
  text = ''
  error: string | undefined
  readonly closed: Promise<void>

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true }).setEncoding('latin1')
    this.socket.on('data', (text: string) => {
      this.text += text
    })
    this.socket.on('error', (error) => {
      this.error = error.message
    })
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()))
  }

  /** Sends all of a file; resolves when the receiver has closed. */
  async send(start: string): Promise<void> {
    const answered = new Promise((resolve) => this.socket.once('data', resolve))
    this.socket.write(start + PIECE)
    await answered
    for (let piece = 0; piece < PIECES && this.error === undefined; piece++) {
      this.socket.write(PIECE)
      await sleep(PIECE_MS)
    }
    this.socket.end('0\r\n\r\n')
    await this.closed
  }
}

test.concurrent.each([
  ['without a key', `${UP}/a.ts`, 401],
  ['of a wrong kind', '/live/k/key/hls-upload/a.exe', 415],
  ['to no endpoint', '/live/nowhere/a.ts', 404],
  ['to the origin', '/live/streams/a.ts', 405],
  ['out of its folder', `${UP}/../a.ts`, 403],
])('an encoder that wants the connection closed and sends a file %s is refused, not reset', (_, target, status) =>
  withReceiver(async (receiver) => {
    const encoder = new SlowEncoder(receiver.port)
    await encoder.send(head(target))
    expect(encoder.error).toBeUndefined()
    expect(encoder.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(encoder.text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  }),
)

test.concurrent('a refused body is read to its end while stopping as well', () =>
  withReceiver(async (receiver) => {
    const encoder = new SlowEncoder(receiver.port)
    await fetch(`${receiver.url}/healthz`)
    const stopping = receiver.stop()
    await encoder.send(head(`${UP}/a.ts`))
    expect(encoder.error).toBeUndefined()
    expect(encoder.text).toMatch(/^HTTP\/1\.1 401 /)
    await stopping
  }))

test.concurrent('a client of HTTP/1.0 is refused and sees the connection closed', () =>
  withReceiver(async (receiver) => {
    const encoder = new SlowEncoder(receiver.port)
    const answered = new Promise((resolve) => encoder.socket.once('data', resolve))
    encoder.socket.write(`PUT ${UP}/a.ts HTTP/1.0\r\nHost: h\r\nContent-Length: 4\r\n\r\nha`)
    await answered
    encoder.socket.write('lf')
    await new Promise((resolve) => encoder.socket.once('end', resolve))
    encoder.socket.end()
    await encoder.closed
    expect(encoder.error).toBeUndefined()
    expect(encoder.text).toMatch(/^HTTP\/1\.1 401 /)
  }))
