import { setTimeout as sleep } from 'node:timers/promises'
import type { Cell } from './cells.ts'
import { runLoad } from './load.ts'
import type { Server } from './servers.ts'

/** What one load of one server gave. */
export interface Measurement {
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Accepted files per CPU-second of the server, counted up to the last acknowledgement. */
  readonly perCpuToAck: number
  /** The same, counted until all files are in the plain tree and the server is idle. */
  readonly perCpuToTree: number
  readonly refused: number
}

const POLL_MS = 25
/** CPU seconds within one poll below which a server counts as idle. */
const IDLE_SECONDS = 0.002
const TREE_LIMIT_MS = 30_000

/** Loads a server once, and waits until it is done with all of it. */
export async function measure(server: Server, cell: Cell): Promise<Measurement> {
  const stored = server.storedFiles() ?? 0
  const before = server.cpu()
  const { acks, refused } = await runLoad(server, cell)
  const toAck = server.cpu() - before
  await untilDone(server, stored + acks.length)
  const toTree = server.cpu() - before
  server.clear()
  if (acks.length === 0) throw new Error(`${server.name} accepted nothing.`)
  return {
    p50: quantile(acks, 0.5),
    p99: quantile(acks, 0.99),
    perCpuToAck: acks.length / toAck,
    perCpuToTree: acks.length / toTree,
    refused,
  }
}

async function untilDone(server: Server, files: number): Promise<void> {
  const limit = performance.now() + TREE_LIMIT_MS
  let last = server.cpu()
  while (performance.now() < limit) {
    await sleep(POLL_MS)
    const now = server.cpu()
    const isIdle = now - last < IDLE_SECONDS
    // The tree is listed only when nobody works in it: that would slow the server down.
    if (isIdle && (server.storedFiles() ?? files) >= files) return
    last = now
  }
  throw new Error(`${server.name} has ${server.storedFiles()} of ${files} files in its tree, or is still busy.`)
}

function quantile(ascending: Float64Array, share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN
}

/** The middle of several measurements, figure by figure. */
export function medianOf(all: readonly Measurement[]): Measurement {
  const middle = (figure: (one: Measurement) => number) => {
    const sorted = all.map(figure).sort((one, other) => one - other)
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  }
  return {
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    perCpuToAck: middle(({ perCpuToAck }) => perCpuToAck),
    perCpuToTree: middle(({ perCpuToTree }) => perCpuToTree),
    refused: all.reduce((sum, { refused }) => sum + refused, 0),
  }
}
