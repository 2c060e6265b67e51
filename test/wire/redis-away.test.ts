import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BullQueue } from '../../src/recording/bull-queue.ts'

const PASSWORD = 'secret/of redis'
/** A queue that cannot be asked must say so within this, in ms. */
const BOUND_MS = 12_000

let server: Server
let answer: (socket: Socket, text: string) => void
const sockets = new Set<Socket>()
let logged: string[]
let queue: BullQueue

beforeEach(async () => {
  logged = []
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('data', (bytes) => answer(socket, bytes.toString()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const write = (event: string, fields?: Record<string, unknown>) =>
    void logged.push(JSON.stringify({ event, ...fields }))
  const log = { info: write, warn: write, error: write }
  queue = new BullQueue({ url: `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`, name: 'q', log })
})

afterEach(async () => {
  await queue.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

async function failing(): Promise<{ code: string; retryable: unknown; told: string }> {
  const since = performance.now()
  const error = (await queue.stateOf('a-1').catch((thrown: unknown) => thrown)) as Error & {
    code: string
    retryable: unknown
  }
  expect(performance.now() - since).toBeLessThan(BOUND_MS)
  const { cause } = error
  return {
    code: error.code,
    retryable: error.retryable,
    told: `${error.message} ${String(cause)} ${JSON.stringify(cause)}`,
  }
}

test.each([
  ['says nothing', () => {}],
  [
    'repeats what it was sent',
    (socket: Socket, text: string) => void socket.write(`-ERR ${text.replace(/[\r\n]+/g, ' ')}\r\n`.repeat(9)),
  ],
  ['says what it was not asked', (socket: Socket) => void socket.write('+OK\r\n'.repeat(99))],
  ['ends the connection', (socket: Socket) => void socket.destroy()],
  ['is none', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
])('where Redis %s, the queue is unavailable soon, and nobody is told the password', async (_, behaves) => {
  answer = behaves
  for (let times = 0; times < 2; times++) {
    const { code, retryable, told } = await failing()
    expect({ code, retryable }).toEqual({ code: 'queue-unavailable', retryable: 'outage' })
    expect(told).not.toMatch(/secret/)
  }
  expect(logged.join('\n')).not.toMatch(/secret/)
  expect(logged.length).toBeLessThan(20)
})
