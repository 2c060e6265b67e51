import { JobError } from '../core/jobs/job.ts'
import type { MadeFile, Maker } from '../core/making/order.ts'
import type { Clock, Log } from '../core/ports.ts'
import { Asking } from './asking.ts'
import { failureText, isOrderOf, readOrder } from './order-schema.ts'
import { Patience } from './patience.ts'
import { pause } from './pause.ts'
import type { ReceiverJobs } from './receiver-jobs.ts'

/** Codes of a worker that does not get through to its receiver, and how long it leaves the queue to others then, in ms. */
const UNREACHED = new Set(['receiver-unavailable', 'receiver-refused', 'worker-key-refused', 'order-unknown'])
export const UNREACHED_MS = 10_000

/** What a worker does orders with. */
export interface OrderWorkParts {
  /** What makes files; the signal ends what it reads. */
  makerUntil(signal: AbortSignal): Maker
  readonly jobs: Pick<ReceiverJobs, 'goesOn' | 'bring'>
  readonly clock: Clock
  readonly log: Log
  /** Ends what is being done: another worker is to have it. */
  readonly stopping: AbortSignal
}

/** Does the orders that a worker finds in the queue: makes the file, and brings it to the receiver. */
export class OrderWork {
  readonly #parts: OrderWorkParts

  constructor(parts: OrderWorkParts) {
    this.#parts = parts
  }

  /**
   * Does one; `done` also where the receiver has the file of another worker. `handed back` where it was stopped. Throws an error that
   * says why it failed, see `readFailure`.
   */
  async do(id: string, found: unknown): Promise<'done' | 'handed back'> {
    const { jobs, clock, log, stopping } = this.#parts
    const asking = new Asking(jobs, clock, id, stopping)
    try {
      await this.#make(id, found, asking)
    } catch (error) {
      if (stopping.aborted) return 'handed back'
      if (asking.isTaken) return 'done'
      const failure = asking.why ?? asJobError(error)
      log.warn('order failed', { id, code: failure.code, cause: failure })
      // Others may reach the receiver: this worker would always be the first to be free.
      if (UNREACHED.has(failure.code)) await pause(clock, UNREACHED_MS, stopping)
      throw new Error(failureText(failure), { cause: failure })
    } finally {
      asking.end()
    }
    return 'done'
  }

  async #make(id: string, found: unknown, asking: Asking): Promise<void> {
    const { makerUntil, log } = this.#parts
    const order = readOrder(found)
    // Whoever reaches Redis may have put another in its place.
    if (!isOrderOf(id, found))
      throw new JobError('order-invalid', 'The order is another than its id tells.', { retryable: true })
    if (!(await asking.begin())) return
    log.info('order begins', { id, app: order.app, format: order.format })
    const made = await makerUntil(asking.signal).make(order, asking)
    try {
      await this.#bring(id, made, asking)
    } finally {
      await made.remove()
    }
  }

  async #bring(id: string, made: MadeFile, { signal }: Asking): Promise<void> {
    const { jobs, clock, log } = this.#parts
    const patience = new Patience(clock, signal)
    for (;;) {
      const standing = await jobs.bring(id, made, signal).catch((cause: unknown) => patience.bear(cause))
      if (standing === 'well' || standing === 'taken') {
        log.info(standing === 'well' ? 'order done' : 'order was done by another', { id, bytes: made.content.size })
        return
      }
      if (standing === 'unknown') await patience.bear(new Error('the receiver does not know of the job'))
    }
  }
}

function asJobError(cause: unknown): JobError {
  if (cause instanceof JobError) return cause
  return new JobError('receiver-unavailable', 'The receiver does not answer.', { retryable: 'outage', cause })
}
