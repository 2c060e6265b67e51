import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { calmMemory, resetPeak, residentMemory } from '../support/process-memory.ts'
import { killStartedServers, startServer } from '../support/server-process.ts'

const MIB = 1024 * 1024
const UPLOADS = 50
const CHUNKS = 60_000
const MAX_GROWTH_BYTES = 200_000_000

const dataDir = mkdtempSync(join(tmpdir(), 'hls-receiver-tiny-'))
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

// A chunk kept as a buffer of its own costs some 400 bytes.
it('P6: 50 uploads of 60 KB in chunks of one byte stay under 200 MB above idle', async () => {
  const server = await startServer({ dataDir })
  const idle = await calmMemory(server.pid)
  resetPeak(server.pid)
  const chunks = Buffer.from('1\r\nx\r\n'.repeat(CHUNKS))
  const uploads = await Promise.all(
    Array.from({ length: UPLOADS }, (_, index) => sendBody(server.port, `tiny${index}.ts`, chunks)),
  )
  await calmMemory(server.pid)
  const { peak } = residentMemory(server.pid)
  console.log(
    `growth ${((peak - idle) / MIB).toFixed(1)} MiB for ${((UPLOADS * CHUNKS) / MIB).toFixed(1)} MiB of bodies`,
  )
  const answers = await Promise.all(uploads.map((finish) => finish()))
  expect(answers.every((answer) => answer.startsWith('HTTP/1.1 201 '))).toBe(true)
  expect(peak - idle).toBeLessThan(MAX_GROWTH_BYTES)
})

/** Sends a body but its last chunk; resolves, when the kernel has it, with what sends that and waits for the answer. */
async function sendBody(port: number, name: string, chunks: Uint8Array): Promise<() => Promise<string>> {
  const socket = connect({ host: '127.0.0.1', port }).setEncoding('latin1')
  sockets.push(socket)
  const answer = new Promise<string>((resolve, reject) => socket.once('data', resolve).once('error', reject))
  socket.write(`PUT /live/hls-upload/${name} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n`)
  await new Promise((resolve) => socket.write(chunks, resolve))
  return () => {
    socket.write('0\r\n\r\n')
    return answer
  }
}
