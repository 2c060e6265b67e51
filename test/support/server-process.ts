import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../dist/node/cli.js', import.meta.url))
const LISTENS = /hls-receiver listens on (http:\/\/[^\s]+)/
/** Longest time that a start or an end may take, in ms. */
const PATIENCE_MS = 30_000

/** How to start the real process. */
export interface ServerOptions {
  readonly dataDir: string
  /** Settings as in the environment, over PORT=0 and LOG_LEVEL=warn; nothing of this process's own is passed on. */
  readonly settings?: Readonly<Record<string, string>>
  /** A command and its arguments that the server is started by, as a tracer is. */
  readonly under?: readonly string[]
}

/** A server process from its first moment on. */
export interface LaunchedServer {
  readonly pid: number
  /** Resolves with `http://127.0.0.1:PORT`; rejects when the process ends before it listens. */
  readonly listening: Promise<string>
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>
  /** Everything that was written to standard output, and to standard error, so far. */
  stdout(): string
  stderr(): string
  /** SIGKILL, at once; resolves when the process is gone. */
  kill9(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

/** A server process that listens. */
export interface ServerProcess extends LaunchedServer {
  readonly url: string
  readonly port: number
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts `hls-receiver serve` as its own process and does not wait for it. */
export function launchServer(options: ServerOptions): LaunchedServer {
  const [command = process.execPath, ...args] = [
    ...(options.under ?? []),
    process.execPath,
    '--initial-old-space-size=128',
    CLI,
    'serve',
  ]
  const env = {
    PATH: process.env['PATH'],
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...options.settings,
    DATA_DIR: options.dataDir,
  }
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const collected = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    collected.stderr += text
  })
  const listening = listeningUrl(child, collected)
  listening.catch(() => undefined)
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exited
  }
  return {
    pid: child.pid ?? 0,
    listening,
    exited,
    stdout: () => collected.stdout,
    stderr: () => collected.stderr,
    kill9: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}

/** Starts `hls-receiver serve` as its own process and waits until it listens. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const launched = launchServer(options)
  const url = await launched.listening
  return { ...launched, url, port: Number(new URL(url).port) }
}

/** Ends, by SIGKILL, whatever was started here and still runs; for the end of a test that failed. */
export async function killStartedServers(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const closed = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      return closed
    }),
  )
}

function listeningUrl(child: ChildProcess, collected: { stdout: string; stderr: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`server ${why}: ${collected.stderr}${collected.stdout}`))
    const timer = setTimeout(() => fail(`did not listen within ${PATIENCE_MS} ms`), PATIENCE_MS)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      collected.stdout += text
      const url = LISTENS.exec(collected.stdout)?.[1]
      if (url === undefined || !collected.stdout.includes(`${url}\n`)) return
      clearTimeout(timer)
      resolve(url)
    })
    child.once('error', (error) => fail(`did not start (${error.message})`))
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      fail(`ended with ${code ?? signal} before it listened`)
    })
  })
}
