import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadTarget } from './load.ts'
import { ServerProcess } from './server-process.ts'
import { UploadedFiles } from './uploaded-files.ts'

/** A server under measurement. */
export interface Server extends LoadTarget {
  readonly name: string
  /** CPU seconds of all its processes until now. */
  cpu(): number
  /** Files in the plain tree, of all loads; undefined where there is none. */
  storedFiles(): number | undefined
  /** Frees the space of what was uploaded, so that the disk does not fill. */
  clear(): void
  stop(): Promise<void>
}

const CLI = fileURLToPath(new URL('../dist/node/cli.js', import.meta.url))
const SINK = fileURLToPath(new URL('./bare-sink.ts', import.meta.url))

/** How the receiver is started. */
export interface ReceiverOptions {
  readonly name: string
  readonly durability: 'fsync' | 'os'
  /** Options of node itself. */
  readonly nodeArgs: readonly string[]
}

/** This project's receiver, as the real process. */
export async function startReceiver(folder: string, options: ReceiverOptions): Promise<Server> {
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true })
  const running = new ServerProcess({
    file: process.execPath,
    args: ['--initial-old-space-size=128', ...options.nodeArgs, CLI, 'serve'],
    env: { DATA_DIR: data, PORT: '0', HOST: '127.0.0.1', DURABILITY: options.durability, LOG_LEVEL: 'info' },
    output: join(folder, 'log'),
  })
  // Large bodies have a second name elsewhere, and the same bytes.
  const tree = new UploadedFiles(join(data, 'live', 'streams'))
  return {
    name: options.name,
    port: await running.port(),
    folder: '/live/hls-upload/',
    accepts: [201],
    nextNumber: counter(),
    cpu: () => running.cpu(),
    storedFiles: () => tree.count(),
    clear: () => tree.empty(),
    stop: () => running.stop(),
  }
}

/** The least that node:http can do with an upload: read it and answer. */
export async function startBareSink(folder: string): Promise<Server> {
  mkdirSync(folder, { recursive: true })
  const running = new ServerProcess({
    file: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), SINK],
    output: join(folder, 'log'),
  })
  return {
    name: 'bare node:http sink',
    port: await running.port(),
    folder: '/live/hls-upload/',
    accepts: [201],
    nextNumber: counter(),
    cpu: () => running.cpu(),
    storedFiles: () => undefined,
    clear() {},
    stop: () => running.stop(),
  }
}

/** Counts from one. */
export function counter(): () => number {
  let last = 0
  return () => ++last
}
