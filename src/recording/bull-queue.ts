import { type Job, Queue, WaitingError, Worker } from 'bullmq'
import { JobError } from '../core/jobs/job.ts'
import type { Log } from '../core/ports.ts'
import type { OrderQueue, OrderState } from './order-queue.ts'
import { RedisLink } from './redis.ts'

/** How long a worker that says nothing keeps its order, and how often it is looked for such, in ms. */
const LOCK_MS = 10_000
const STALLED_LOOK_MS = 5_000
/** How often an order may be taken from a worker that died: one that ends them all must not go round for ever. */
const MAX_LOST_WORKERS = 3
/** Orders that are done, and those that failed, which Redis keeps, and for how long at most, in s. */
const KEPT = { count: 100, age: 86_400 }
const URGENT = 0
const NOT_URGENT = 1

/** What the queue in Redis is. */
export interface QueuePlace {
  readonly url: string
  readonly name: string
  readonly log: Log
}

/** The receiver's side of the queue: BullMQ, which needs Redis 6.2 or later. */
export class BullQueue implements OrderQueue {
  readonly #name: string
  readonly #link: RedisLink
  #queue: Queue | undefined

  constructor({ url, name, log }: QueuePlace) {
    this.#name = name
    this.#link = new RedisLink(url, log, { waits: false })
  }

  add(id: string, order: object, isUrgent: boolean): Promise<void> {
    const options = { jobId: id, removeOnComplete: KEPT, removeOnFail: KEPT, stackTraceLimit: 0 }
    return this.#ask(async (queue) => {
      await queue.add('make', order, { ...options, priority: isUrgent ? URGENT : NOT_URGENT })
    })
  }

  async stateOf(id: string): Promise<OrderState> {
    const state = await this.#ask((queue) => queue.getJobState(id))
    if (state === 'failed' || state === 'unknown') return state
    return state === 'completed' ? 'done' : 'open'
  }

  async failureOf(id: string): Promise<string> {
    const job: Job | undefined = await this.#ask((queue) => queue.getJob(id))
    return job?.failedReason ?? ''
  }

  async remove(id: string): Promise<void> {
    await this.#ask((queue) => queue.remove(id))
  }

  async close(): Promise<void> {
    await this.#queue?.close()
    this.#link.close()
  }

  async #ask<T>(ask: (queue: Queue) => Promise<T>): Promise<T> {
    try {
      await this.#link.ready()
      return await ask(await this.#opened())
    } catch (error) {
      const cause = this.#link.plain(error)
      throw new JobError('queue-unavailable', 'Redis does not answer.', { retryable: 'outage', cause })
    }
  }

  /** One that could not begin never does: another takes its place. */
  async #opened(): Promise<Queue> {
    const queue = this.#queue ?? new Queue(this.#name, { connection: this.#link.client })
    if (this.#queue === undefined) queue.on('error', (error) => this.#link.note(error))
    this.#queue = queue
    try {
      await queue.waitUntilReady()
    } catch (error) {
      if (this.#queue === queue) this.#queue = undefined
      throw error
    }
    return queue
  }
}

/** Does one order; `handed back`: it was not done, and another worker is to have it. What it throws is why the order failed. */
export type DoOrder = (id: string, order: unknown) => Promise<'done' | 'handed back'>

/** A worker's side of the queue. */
export class BullWorker {
  readonly #link: RedisLink
  readonly #worker: Worker

  /** Begins at once, as soon as Redis is there. */
  constructor({ url, name, log }: QueuePlace, concurrency: number, work: DoOrder) {
    this.#link = new RedisLink(url, log, { waits: true })
    const doJob = async (job: Job, token?: string) => {
      if ((await work(job.id ?? '', job.data)) === 'done') return
      await job.moveToWait(token)
      throw new WaitingError()
    }
    this.#worker = new Worker(name, doJob, {
      connection: this.#link.client,
      ...{ concurrency, lockDuration: LOCK_MS, stalledInterval: STALLED_LOOK_MS, maxStalledCount: MAX_LOST_WORKERS },
    })
    this.#worker.on('error', (error) => this.#link.note(error))
  }

  /** Resolves when it is connected, however long that takes. Throws what Redis says where it refuses. */
  async ready(): Promise<void> {
    await this.#worker.waitUntilReady().catch((error: unknown) => {
      throw this.#link.plain(error)
    })
  }

  /** Takes no order any more; resolves when none is being done. */
  async close(): Promise<void> {
    await this.#worker.close()
    this.#link.close()
  }
}
