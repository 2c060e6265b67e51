import { readdirSync, readlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { exchange } from '../support/exchange.ts'
import { until } from '../support/until.ts'

const SEGMENT = '/live/streams/large.ts'
const BYTES = 300_000
const CONNECTIONS = 3
const PIPELINED = 200
const TOO_MANY = 400

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
  const body = 'x'.repeat(BYTES)
  await fetch(`${receiver.url}/live/hls-upload/large.ts`, { method: 'PUT', body })
})

afterAll(() => receiver.stop())

const gets = (count: number, target = SEGMENT) => `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`.repeat(count)

/** How many files of the receiver's data folder this process has open. */
function openSegments(): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return targets.filter((target) => target.startsWith(receiver.dataDir) && !target.includes('journal')).length
}

test('P6: pipelined requests whose client is gone leave no file open', async () => {
  const before = openSegments()
  const sockets = Array.from({ length: CONNECTIONS }, (): Socket => {
    const socket = connect({ host: '127.0.0.1', port: receiver.port }).on('error', () => {})
    socket.pause().write(gets(PIPELINED))
    return socket
  })
  await until('files that are being sent', () => (openSegments() > before + CONNECTIONS ? true : undefined))
  for (const socket of sockets) socket.resetAndDestroy()
  await until('all files to be closed', () => (openSegments() === before ? true : undefined), 5_000)
})

test('P6: a connection with far too many unanswered requests is cut; fewer are answered', async () => {
  const answers = async (count: number) =>
    [...(await exchange(receiver.port, gets(count, '/healthz'))).text.matchAll(/HTTP\/1\.1 200/g)].length
  expect(await answers(PIPELINED)).toBe(PIPELINED)
  expect(await answers(TOO_MANY)).toBeLessThan(TOO_MANY)
})
