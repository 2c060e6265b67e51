import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
/** What follows gets the pid that it says is meant, as systemd's services do. */
const AS_SERVICE = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'

let folder: string
let held: Server
let receiver: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inherited-'))
  held = createServer()
})

afterEach(async () => {
  receiver?.kill('SIGKILL')
  receiver = undefined
  await new Promise((resolve) => held.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a receiver on a listening socket of this process. */
async function startOn(options: ListenOptions, settings: Record<string, string> = {}): Promise<ChildProcess> {
  await new Promise<void>((resolve) => held.listen(options, resolve))
  const { fd } = (held as unknown as { _handle: { fd: number } })._handle
  const env = { PATH: process.env['PATH'], DATA_DIR: join(folder, 'data'), ...settings }
  receiver = spawn('sh', ['-c', AS_SERVICE, 'sh', process.execPath, CLI, 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', fd],
  })
  return receiver
}

/** What it says when it does not start. */
async function refusal({ stderr }: ChildProcess): Promise<string> {
  return stderr === null ? '' : text(stderr)
}

test('a Unix socket is refused with a sentence', async () => {
  expect(await refusal(await startOn({ path: join(folder, 'socket') }))).toBe(
    'hls-receiver: The inherited socket is not one of TCP: give it an address and a port.\n',
  )
})

test('a socket that others can reach is refused without keys', async () => {
  const child = await startOn({ host: '0.0.0.0', port: 0 })
  const { port } = held.address() as AddressInfo
  expect(await refusal(child)).toMatch(
    `hls-receiver: The inherited socket 0.0.0.0:${port} can be reached by others: set INGEST_KEYS`,
  )
})

test('the printed lines name the address of the socket, not HOST and PORT', async () => {
  const child = await startOn({ host: '127.0.0.2', port: 0 }, { HOST: '127.0.0.1', PORT: '1' })
  const { port } = held.address() as AddressInfo
  if (child.stdout === null) throw new Error('no output')
  const [lines] = (await once(child.stdout, 'data')) as [Buffer]
  expect(lines.toString()).toContain(`hls-receiver listens on http://127.0.0.2:${port}\n`)
})
