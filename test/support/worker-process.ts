import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const WORKS = /hls-receiver makes files for/

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** Resolves when it takes jobs. */
  works(): Promise<unknown>
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>
  /** Everything that it wrote so far. */
  output(): string
  /** What lies in the folder that it makes files in. */
  left(): string[]
  signal(signal: NodeJS.Signals): void
}

const running = new Map<ChildProcess, string>()
process.on('exit', () => {
  for (const child of running.keys()) child.kill('SIGKILL')
})

/** Starts `hls-receiver worker`; nothing of this process's own environment is passed on but PATH. */
export function startWorker(settings: Readonly<Record<string, string>>): WorkerProcess {
  const folder = mkdtempSync(join(tmpdir(), 'worker-'))
  const env = { PATH: process.env['PATH'], WORKER_DIR: folder, ...settings }
  const child = spawn(process.execPath, [CLI, 'worker'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.set(child, folder)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    works: () => until('a worker that takes jobs', () => (WORKS.test(text) ? true : undefined)),
    exited,
    output: () => text,
    left: () => readdirSync(join(folder, 'made')),
    signal: (signal) => void child.kill(signal),
  }
}

/** Ends, by SIGKILL, every worker that was started here, and removes their folders. */
export async function killStartedWorkers(): Promise<void> {
  for (const [child, folder] of running) {
    const isOver = child.exitCode !== null || child.signalCode !== null
    const closed = isOver ? undefined : new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await closed
    rmSync(folder, { recursive: true, force: true })
  }
  running.clear()
}
