import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireProgram } from './ffmpeg.ts'

/** Longest time that it may take to start, in ms. */
const PATIENCE_MS = 15_000

/** A Redis that keeps nothing over a restart. */
export interface TestRedis {
  readonly port: number
  /** With the password, where it has one. */
  readonly url: string
  /** SIGKILL; resolves when it is gone. */
  kill9(): Promise<void>
  /** Starts it again on the same port, empty. */
  again(): Promise<void>
  stop(): Promise<void>
}

/** Starts Debian's redis-server on a free port of 127.0.0.1. */
export async function startRedis(password = ''): Promise<TestRedis> {
  requireProgram('redis-server', 'redis-server')
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  const port = await freePort()
  let child = await launch(port, folder, password)
  const kill9 = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await closed
  }
  return {
    port,
    url: `redis://${password === '' ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    kill9,
    async again() {
      child = await launch(port, folder, password)
    },
    async stop() {
      await kill9()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function launch(port: number, folder: string, password: string): Promise<ChildProcess> {
  const secret = password === '' ? [] : ['--requirepass', password]
  const where = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder]
  const child = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no', ...secret], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(new Error(`redis-server did not start: ${text}`)), PATIENCE_MS)
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more
      if (!text.includes('Ready to accept connections')) return
      clearTimeout(timer)
      resolve(child)
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`redis-server ended: ${text}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
