import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { parseTrace, type TraceMoment } from './system-calls.ts'

/** Bytes of each buffer that the trace shows: a page of the journal. */
const SHOWN_BYTES = 4096
/** Calls that are not traced run at full speed. */
const NETWORK = ['accept4', 'read', 'recvfrom', 'write', 'writev', 'sendto']
const FILES = ['openat', 'close', 'pwrite64', 'pwritev', 'pwritev2', 'fsync', 'fdatasync', 'sync_file_range', 'msync']

/** A real server under strace. */
export interface TracedServer {
  readonly server: ServerProcess
  /** Stops the server; resolves with all it did. */
  finish(): Promise<TraceMoment[]>
}

/**
 * Starts the server under strace, which writes to `tracePath`: `files` shows what is done to files, `all` also the
 * network. Throws when strace is not installed.
 */
export async function startTracedServer(
  dataDir: string,
  tracePath: string,
  scope: 'files' | 'all',
  settings: Readonly<Record<string, string>> = {},
): Promise<TracedServer> {
  if (spawnSync('strace', ['-V']).error !== undefined) {
    throw new Error('strace is needed to see the order of system calls: apt-get install strace')
  }
  // -D keeps the server this process's own child; it and strace share their output, so "exited" means both have.
  const calls = scope === 'all' ? [...NETWORK, ...FILES] : FILES
  const filters = ['--seccomp-bpf', '-e', `trace=${calls.join(',')}`, '-e', 'signal=none']
  const under = ['strace', '-D', '-f', '-ttt', '-v', '-s', String(SHOWN_BYTES), ...filters, '-o', tracePath]
  const server = await startServer({ dataDir, settings, under })
  return {
    server,
    async finish() {
      const code = await server.stop()
      if (code !== 0) throw new Error(`the traced server ended with ${code}: ${server.stderr()}`)
      return parseTrace(readFileSync(tracePath, 'latin1'))
    },
  }
}
