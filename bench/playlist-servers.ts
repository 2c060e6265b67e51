import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ServerProcess } from './server-process.ts'

/** A server that takes playlists. */
export interface PlaylistServer {
  readonly port: number
  /** CPU seconds of its process until now. */
  cpu(): number
  stop(): Promise<void>
}

/** This project's receiver, with a probe in it. */
export interface ProbedReceiver extends PlaylistServer {
  /** What it keeps, in bytes, after a garbage collection. */
  memory(): Promise<Memory>
  /** Lets it cross off what its store has now, which it would do within two minutes. */
  settle(): Promise<void>
}

/** Bytes kept by a process. */
export interface Memory {
  readonly heapUsed: number
  /** Bytes of buffers, which are outside of the heap. */
  readonly arrayBuffers: number
}

const CLI = fileURLToPath(new URL('../dist/node/cli.js', import.meta.url))
const SINK = fileURLToPath(new URL('./hash-sink.ts', import.meta.url))
const PROBE = new URL('./receiver-probe.ts', import.meta.url).href
const TSX = ['--import', import.meta.resolve('tsx')]
const QUIET_LIMIT_MS = 60_000
/** Longer than the pause between two writes of one playlist to the store. */
const QUIET_MS = 1_500
/** It looks away once before it crosses off. */
const LOOKS_TO_SETTLE = 2
/** CPU seconds within QUIET_MS below which a server counts as idle. */
const IDLE_SECONDS = 0.01

/** The receiver with the disk store, synced, as a process of its own. */
export async function startProbedReceiver(folder: string): Promise<ProbedReceiver> {
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true })
  const output = join(folder, 'log')
  const running = new ServerProcess({
    file: process.execPath,
    args: ['--initial-old-space-size=128', '--expose-gc', ...TSX, '--import', PROBE, CLI, 'serve'],
    env: { DATA_DIR: data, PORT: '0', HOST: '127.0.0.1', STORE: 'disk', DURABILITY: 'fsync', LOG_LEVEL: 'info' },
    output,
  })
  let asked = 0
  const server = { port: await running.port(), cpu: () => running.cpu(), stop: () => running.stop() }
  return {
    ...server,
    async memory() {
      const index = asked++
      process.kill(running.pid, 'SIGUSR2')
      const written = () => [...readFileSync(output, 'utf8').matchAll(/^memory (\{.*\})$/gm)]
      await running.ready(() => written().length > index)
      return JSON.parse(written()[index]?.[1] ?? '') as Memory
    },
    async settle() {
      await untilQuiet(server)
      for (let looks = 0; looks < LOOKS_TO_SETTLE; looks++) {
        process.kill(running.pid, 'SIGHUP')
        await untilQuiet(server)
      }
    },
  }
}

/** The bare server that reads and hashes. */
export async function startHashSink(folder: string): Promise<PlaylistServer> {
  mkdirSync(folder, { recursive: true })
  const running = new ServerProcess({
    file: process.execPath,
    args: [...TSX, SINK],
    output: join(folder, 'log'),
  })
  return { port: await running.port(), cpu: () => running.cpu(), stop: () => running.stop() }
}

/** Resolves when a server has done nothing for as long as its next write to the store may take to begin. */
export async function untilQuiet(server: PlaylistServer): Promise<void> {
  const limit = performance.now() + QUIET_LIMIT_MS
  while (performance.now() < limit) {
    const before = server.cpu()
    await sleep(QUIET_MS)
    if (server.cpu() - before < IDLE_SECONDS) return
  }
  throw new Error(`A server is still busy after ${QUIET_LIMIT_MS / 1000} s.`)
}
