import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { Drain } from '../../src/node/drain.ts'
import { until } from '../support/until.ts'

const DRAIN_MS = 20_000
/** Longer than a connection may be idle while stopping. */
const BUSY_MS = 1_500
const REQUEST = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('P8: a request that came while the process was busy is answered, though its connection was idle', async () => {
  const drain = new Drain()
  const server = createServer(drain.listener((_, response) => void response.end('answer')))
  drain.watch(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }).setEncoding('latin1')
  client.write(REQUEST)
  await once(client, 'data')
  const stopped = drain.stop(server, DRAIN_MS)
  await until('the listening socket to be closed', () => (server.listening ? undefined : true))
  const answer = new Promise<string>((resolve, reject) => {
    client.once('data', (text: unknown) => resolve(String(text))).once('error', reject)
    client.once('close', () => reject(new Error('closed without an answer')))
  })
  // Behind a poll, so that timers come before the next one.
  setImmediate(() => {
    client.write(REQUEST)
    block(BUSY_MS)
  })
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /)
  await stopped
})
