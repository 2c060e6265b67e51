import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'

const READERS = 20
const ENTRIES = 1_600
const TITLE_BYTES = 7_500
const LIST_BYTES = ENTRIES * TITLE_BYTES

let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver.stop())

test('P6: players that ask for a long playlist and read nothing of it share its bytes', async () => {
  const entry = `#EXTINF:2,${'t'.repeat(TITLE_BYTES)}\n#EXT-X-GAP\n`
  const lines = Array.from({ length: ENTRIES }, (_, index) => `${entry}a${index}.ts\n`)
  const body = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${lines.join('')}`
  expect((await fetch(`${receiver.url}/live/hls-upload/long.m3u8`, { method: 'PUT', body })).status).toBe(201)
  const url = `${receiver.url}/live/streams/long.m3u8`
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBeGreaterThan(LIST_BYTES)
  const before = process.memoryUsage().arrayBuffers
  const sockets = await Promise.all(
    Array.from({ length: READERS }, async (): Promise<Socket> => {
      const socket = connect({ host: '127.0.0.1', port: receiver.port })
      socket.write('GET /live/streams/long.m3u8 HTTP/1.1\r\nHost: h\r\n\r\n')
      await once(socket, 'readable')
      return socket
    }),
  )
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan((READERS / 4) * LIST_BYTES)
  for (const socket of sockets) socket.destroy()
})
