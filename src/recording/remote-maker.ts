import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { ReceiverError } from '../core/errors.ts'
import { JobError } from '../core/jobs/job.ts'
import type { Attempt } from '../core/jobs/job-queue.ts'
import type { MadeFile, MakeOrder, Maker } from '../core/making/order.ts'
import type { OrdersOut } from '../core/making/orders-out.ts'
import type { BodySource, Clock, Log } from '../core/ports.ts'
import { OrderOut } from './order-out.ts'
import type { OrderQueue } from './order-queue.ts'
import { digestOf, readFailure } from './order-schema.ts'
import { pause } from './pause.ts'
import { isFile } from './recipe.ts'
import { writeResult } from './result-file.ts'
import { madeContent, removeMade } from './work-folder.ts'

/** How often the queue is asked how far an order is, in ms. */
const LOOK_MS = 2_000
/** How long a worker may say nothing until another is to have an order that the queue has lost, in ms. */
const WORKER_SILENT_MS = 15_000
/** How long neither the queue nor a worker may be heard of until an order is given up, in ms. */
const PATIENCE_MS = 30_000
/** Largest order, in characters of its text: a week of segments of 2 s takes about 20 Mi. */
const MAX_ORDER_TEXT = 32 * 1024 * 1024
/** Orders of which it is remembered that their file has come. */
const MAX_TAKEN = 1_000
/** Hex digits of what tells one order from another of the same job. */

/** What has files made on other machines. */
export interface RemoteMakerParts {
  readonly queue: OrderQueue
  /** Where their files arrive: see `emptyWorkFolder`; best on the file system that they are kept on. */
  readonly folder: string
  /** Largest file that is taken, in bytes. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly log: Log
}

/** Has files made by workers on other machines, which find orders in a queue and bring what they made over HTTP. */
export class RemoteMaker implements Maker, OrdersOut {
  readonly #parts: RemoteMakerParts
  readonly #out = new Map<string, OrderOut>()
  readonly #taken = new Set<string>()

  constructor(parts: RemoteMakerParts) {
    this.#parts = parts
  }

  /** Throws JobError: `queue-unavailable`, `order-too-large`, `result-lost`, `job-ended`, and what a worker failed with. */
  async make(order: MakeOrder, attempt: Attempt): Promise<MadeFile> {
    const id = idOf(order)
    const out = new OrderOut(this.#parts.clock, (percent) => attempt.progress(percent))
    const over = new AbortController()
    this.#out.set(id, out)
    this.#taken.delete(id)
    try {
      const stopped = AbortSignal.any([attempt.signal, over.signal])
      const watched = this.#watch(id, order, out, stopped)
      return await Promise.race([out.result, watched])
    } catch (error) {
      // From here on no file of it is taken.
      this.#forget(id, out)
      await out.drop()
      if (attempt.signal.aborted) await this.#takeBack(id)
      throw error
    } finally {
      over.abort()
      this.#forget(id, out)
    }
  }

  /** Unless the same was ordered again meanwhile. */
  #forget(id: string, out: OrderOut): void {
    if (this.#out.get(id) === out) this.#out.delete(id)
  }

  goesOn(id: string, percent: number): void {
    this.#wanted(id).goesOn(percent)
  }

  async take(id: string, durationMs: number, body: BodySource): Promise<void> {
    const out = this.#wanted(id)
    const path = join(this.#parts.folder, randomUUID())
    await writeResult(path, body, this.#parts.maxBytes)
    try {
      const content = await madeContent(path)
      if (content === undefined) throw new ReceiverError('storage-unavailable')
      // While it came, another may have been taken, or the order been given up, and out again.
      if (this.#wanted(id) !== out) throw new ReceiverError('order-unknown')
      this.#remember(id)
      out.take({ content, durationMs, remove: () => removeMade(path) })
    } catch (error) {
      await removeMade(path)
      throw error
    }
  }

  #wanted(id: string): OrderOut {
    if (this.#taken.has(id)) throw new ReceiverError('result-taken')
    const out = this.#out.get(id)
    if (out === undefined) throw new ReceiverError('order-unknown')
    return out
  }

  #remember(id: string): void {
    this.#taken.add(id)
    const [oldest] = this.#taken
    if (this.#taken.size > MAX_TAKEN && oldest !== undefined) this.#taken.delete(oldest)
  }

  /** Sees to it that a worker has the order, until it is stopped. Throws JobError. */
  async #watch(id: string, order: MakeOrder, out: OrderOut, stopped: AbortSignal): Promise<never> {
    await this.#begin(id, order)
    for (;;) {
      await pause(this.#parts.clock, LOOK_MS, stopped)
      if (stopped.aborted) throw new JobError('job-ended', 'The job was ended.', { retryable: true })
      await this.#look(id, order, out)
    }
  }

  /** What an earlier attempt left in the queue is joined while it is open: a worker may be at it. */
  async #begin(id: string, order: MakeOrder): Promise<void> {
    const { queue } = this.#parts
    const state = await queue.stateOf(id)
    if (state === 'done' || state === 'failed') await queue.remove(id)
    if (state !== 'open') await queue.add(id, order, !isFile(order.format))
  }

  async #look(id: string, order: MakeOrder, out: OrderOut): Promise<void> {
    const { queue } = this.#parts
    try {
      const state = await queue.stateOf(id)
      out.heard()
      if (state === 'failed') throw readFailure(await queue.failureOf(id))
      if (state === 'done') throw new JobError('result-lost', 'The file of the job did not come.', { retryable: true })
      // Redis may have started anew, with nothing in it.
      if (state === 'unknown' && out.isIdleFor(WORKER_SILENT_MS)) await queue.add(id, order, !isFile(order.format))
    } catch (error) {
      const isAway = error instanceof JobError && error.code === 'queue-unavailable'
      if (!isAway || out.isSilentFor(PATIENCE_MS)) throw error
    }
  }

  /** One that a worker is at is ended by that worker, which asks whether it is still wanted. */
  async #takeBack(id: string): Promise<void> {
    await this.#parts.queue.remove(id).catch((cause: unknown) => {
      this.#parts.log.info('order stays in the queue', { cause })
    })
  }
}

/** The same for the same order, so that it is found again after a restart, and another where what is to be made has changed. */
function idOf(order: MakeOrder): string {
  const text = JSON.stringify(order)
  if (text.length > MAX_ORDER_TEXT) {
    throw new JobError('order-too-large', 'The recording has too many segments for one file.', { retryable: false })
  }
  return `${order.id}-${digestOf(text)}`
}
