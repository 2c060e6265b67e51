import type { Cell } from './cells.ts'
import { type Answer, KeptConnection, putOnNewConnection } from './put-client.ts'
import { PutRequest } from './put-request.ts'

/** Where and how to send. */
export interface LoadTarget {
  readonly port: number
  /** Path of the folder that is uploaded to, with both slashes. */
  readonly folder: string
  /** Statuses that mean the file was taken. */
  readonly accepts: readonly number[]
  /** Gives each file a number of its own. */
  nextNumber(): number
}

/** What came of a load. */
export interface LoadResult {
  /** Times to the acknowledgement of the accepted files, in ms, ascending. */
  readonly acks: Float64Array
  /** Requests that were not answered with an accepting status. */
  readonly refused: number
}

/** Longest time one load may take, in ms. */
const LIMIT_MS = 120_000

/** Sends `cell.requests` files, `cell.atOnce` at a time, each worker one after the other. */
export async function runLoad(target: LoadTarget, cell: Cell): Promise<LoadResult> {
  const answers: Answer[] = []
  let left = cell.requests
  const take = () => left-- > 0
  const workers = Array.from({ length: cell.atOnce }, () => runWorker(target, cell, take, answers))
  await within(LIMIT_MS, Promise.all(workers))
  const accepted = answers.filter(({ status }) => target.accepts.includes(status))
  return {
    acks: Float64Array.from(accepted, ({ ms }) => ms).sort(),
    refused: answers.length - accepted.length,
  }
}

async function runWorker(target: LoadTarget, cell: Cell, take: () => boolean, answers: Answer[]): Promise<void> {
  const { port, folder } = target
  const isNew = cell.connections === 'new'
  const request = new PutRequest(folder, `127.0.0.1:${port}`, isNew, cell.bytes)
  const kept = isNew ? undefined : new KeptConnection(port)
  await kept?.opened()
  while (take()) {
    request.stamp(target.nextNumber())
    answers.push(kept === undefined ? await putOnNewConnection(port, request) : await kept.put(request))
  }
  kept?.close()
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The load did not end within ${ms / 1000} s.`)), ms)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
