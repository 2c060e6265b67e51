import { JobError } from '../core/jobs/job.ts'
import type { MadeFile } from '../core/making/order.ts'
import type { ReceiverClient } from './receiver-client.ts'

/** What the receiver says of a job: `well`, or why it wants nothing of it; of one that it does not know it may hear soon again. */
export type Standing = 'well' | 'taken' | 'unknown'

const STANDINGS: ReadonlyMap<number, Standing> = new Map([
  [201, 'well'],
  [204, 'well'],
  [404, 'unknown'],
  [409, 'taken'],
])
/** Answers of a receiver that may soon give others. */
const PASSING = new Set([408, 425, 429])

/** What a worker tells the receiver of jobs. Everything throws JobError where that refuses, and other errors where it is away. */
export class ReceiverJobs {
  readonly #client: ReceiverClient
  readonly #headers: Readonly<Record<string, string>>

  constructor(client: ReceiverClient, key: string) {
    this.#client = client
    this.#headers = { authorization: `Bearer ${key}` }
  }

  /** Resolves where the key is the right one, and the receiver has jobs for workers. */
  async check(): Promise<void> {
    const said = standing(await this.#client.status({ method: 'GET', path: '/jobs', headers: this.#headers }))
    if (said === 'well') return
    throw new JobError('receiver-refused', 'There are no jobs for workers at RECEIVER_URL.', { retryable: 'outage' })
  }

  /** A job is being made. */
  async goesOn(id: string, percent: number, signal: AbortSignal): Promise<Standing> {
    const path = `/jobs/${encodeURIComponent(id)}/progress?percent=${percent}`
    return standing(await this.#client.status({ method: 'POST', path, headers: this.#headers, signal }))
  }

  /** Brings what came of one; `well`: the receiver has it, durably. */
  async bring(id: string, { content, durationMs }: MadeFile, signal: AbortSignal): Promise<Standing> {
    const { path: file, size } = content
    if (file === undefined) throw new Error('what was made is no file')
    const headers = { ...this.#headers, 'x-duration-ms': String(durationMs) }
    const path = `/jobs/${encodeURIComponent(id)}/result`
    return standing(await this.#client.status({ method: 'PUT', path, headers, file: { path: file, size }, signal }))
  }
}

function standing(status: number): Standing {
  const known = STANDINGS.get(status)
  if (known !== undefined) return known
  if (status >= 500 || PASSING.has(status)) throw new Error(`the receiver answered ${status}`)
  if (status === 401) {
    throw new JobError('worker-key-refused', 'The receiver does not take WORKER_KEY.', { retryable: 'outage' })
  }
  if (status === 413) {
    throw new JobError('job-too-large', 'The file is larger than the receiver takes.', { retryable: false })
  }
  throw new JobError('receiver-refused', `The receiver answered ${status}.`, { retryable: true })
}
