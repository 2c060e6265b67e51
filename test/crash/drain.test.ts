import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { killStartedServers, type ServerProcess, startServer } from '../support/server-process.ts'
import { hashTree, sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'

const CLIENTS = 200
const ROUNDS = Number(process.env['DRAIN_ROUNDS'] ?? 5)
const PUSH_MS = 1_000
const BYTES = [400, 20_000, 200_000]
const DRAIN_SECONDS = 20
/** What a stop may take besides, in ms. */
const EXIT_MS = 3_000
const SHORT_DRAIN_SECONDS = 4
const BYTES_OF_CUT = 300_000

let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'drain-'))
})

afterEach(async () => {
  await killStartedServers()
  rmSync(dataDir, { recursive: true, force: true })
})

interface Load {
  /** Hashes of acknowledged bodies. */
  readonly acknowledged: string[]
  /** Requests that were begun and got no answer, or a wrong one. */
  readonly broken: string[]
}

/** Pushes one file after the other until the server refuses connections, or says that it closes this one. */
async function push(port: number, index: number, round: number, load: Load): Promise<void> {
  const keepsAlive = index % 2 === 0
  const agent = new Agent({ keepAlive: keepsAlive, maxSockets: 1 })
  for (let count = 0; ; count++) {
    const body = Buffer.alloc(BYTES[count % BYTES.length] ?? 0, `round ${round} client ${index} file ${count};`)
    const answer = await put(port, `/live/hls-upload/r${round}c${index}-${count}.ts`, body, { agent, keepsAlive })
    if (answer === 'refused') break
    if (answer.status === 201) load.acknowledged.push(sha256(body))
    else
      load.broken.push(`client ${index}, ${keepsAlive ? 'kept' : 'new'} connection: ${answer.status ?? answer.error}`)
    if (answer.isLast || answer.status === undefined) break
  }
  agent.destroy()
}

type Answer = 'refused' | { status?: number; error?: string; isLast: boolean }

function put(
  port: number,
  path: string,
  body: Buffer,
  { agent, keepsAlive }: { agent: Agent; keepsAlive: boolean },
): Promise<Answer> {
  return new Promise((resolve) => {
    const sending = request({ port, host: '127.0.0.1', path, method: 'PUT', agent }, (answer) => {
      answer.resume().on('end', () => {
        const isLast = keepsAlive && answer.headers.connection === 'close'
        resolve({ ...(answer.statusCode === undefined ? {} : { status: answer.statusCode }), isLast })
      })
    })
    sending.on('error', (error: Error & { code?: string }) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : { error: String(error), isLast: true }),
    )
    // Without a length, as encoders send.
    sending.write(body.subarray(0, 100))
    setImmediate(() => sending.end(body.subarray(100)))
  })
}

test('P8: SIGTERM closes idle connections soon, and cuts an upload that outlasts DRAIN_SECONDS', async () => {
  const server = await startServer({ dataDir, settings: { DRAIN_SECONDS: String(SHORT_DRAIN_SECONDS) } })
  const open = (request: string) => {
    const socket = connect({ host: '127.0.0.1', port: server.port }).on('error', () => {})
    socket.write(request)
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(Date.now())))
    return { socket, closed }
  }
  const idle = open('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
  await once(idle.socket, 'data')
  const upload = open('PUT /live/hls-upload/a.ts HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n')
  // Of a body in pieces, so that the disk has some when it is cut.
  upload.socket.write(`${BYTES_OF_CUT.toString(16)}\r\n${'x'.repeat(BYTES_OF_CUT)}\r\n`)
  const bodies = join(dataDir, '.receiver', 'bodies')
  await until('a part of the body on the disk', () => (readdirSync(bodies).length > 0 ? true : undefined))
  const began = Date.now()
  expect(await server.stop(), server.stderr()).toBe(0)
  expect((await idle.closed) - began).toBeLessThan(SHORT_DRAIN_SECONDS * 500)
  expect((await upload.closed) - began).toBeGreaterThan(SHORT_DRAIN_SECONDS * 900)
  expect(Date.now() - began).toBeLessThan(SHORT_DRAIN_SECONDS * 1000 + EXIT_MS)
  expect(readdirSync(bodies)).toEqual([])
  expect(hashTree(join(dataDir, 'live'))).toEqual(new Map())
})

test('P8: SIGTERM under 200 pushing clients cuts no request, loses nothing, and ends in time', async () => {
  const load: Load = { acknowledged: [], broken: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const settings = { DRAIN_SECONDS: String(DRAIN_SECONDS), MAX_CONNECTIONS: '1000' }
    const server: ServerProcess = await startServer({ dataDir, settings })
    const pushing = Array.from({ length: CLIENTS }, (_, index) => push(server.port, index, round, load))
    await new Promise((resolve) => setTimeout(resolve, PUSH_MS))
    const began = Date.now()
    expect(await server.stop()).toBe(0)
    expect(Date.now() - began).toBeLessThan(DRAIN_SECONDS * 1000 + EXIT_MS)
    await Promise.all(pushing)
  }
  expect(load.broken).toEqual([])
  const stored = new Set(hashTree(join(dataDir, 'live/streams')).values())
  expect(load.acknowledged.filter((hash) => !stored.has(hash))).toEqual([])
  console.log(`${load.acknowledged.length} uploads acknowledged and kept over ${ROUNDS} stops`)
  expect(load.acknowledged.length).toBeGreaterThan(CLIENTS * ROUNDS)
})
