import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { killStartedServers, startServer } from '../support/server-process.ts'
import { hashTree, sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'

const UPLOADS = 40
/** Too large for the journal, so that each has a file that is synced. */
const BYTES = 300_000
/** How much longer each sync takes, in microseconds: what is left to do then outlasts the end of all connections. */
const SYNC_DELAY_US = 300_000
const SLOW_DISK = ['strace', '-D', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fdatasync']
const DELAY = ['-e', `inject=fdatasync:delay_exit=${SYNC_DELAY_US}`, '-e', 'signal=none']

let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'gone-'))
})

afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

test('P8: bodies that had come whole are kept, though their senders reset the connections and SIGTERM follows', async () => {
  const server = await startServer({ dataDir, under: [...SLOW_DISK, ...DELAY], settings: { DRAIN_SECONDS: '20' } })
  const bodies = Array.from({ length: UPLOADS }, (_, index) => Buffer.alloc(BYTES, `file ${index};`))
  const sockets = bodies.map((body, index): Socket => {
    const socket = connect({ host: '127.0.0.1', port: server.port }).on('error', () => {})
    socket.write(`PUT /live/hls-upload/gone${index}.ts HTTP/1.1\r\nHost: h\r\nContent-Length: ${BYTES}\r\n\r\n`)
    socket.write(body)
    return socket
  })
  const folder = join(dataDir, '.receiver', 'bodies')
  await until('all bytes on the disk', () => {
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size)
    return sizes.length === UPLOADS && sizes.every((size) => size === BYTES) ? true : undefined
  })
  for (const socket of sockets) socket.resetAndDestroy()
  expect(await server.stop(), server.stderr()).toBe(0)
  const again = await startServer({ dataDir })
  const kept = await until('the tree to be whole', () => {
    const hashes = new Set(hashTree(join(dataDir, 'live/streams')).values())
    return hashes.size === UPLOADS ? hashes : undefined
  })
  expect(kept).toEqual(new Set(bodies.map(sha256)))
  expect(await again.stop()).toBe(0)
})
