import { JobError } from '../../src/core/jobs/job.ts'
import type { OrderQueue, OrderState } from '../../src/recording/order-queue.ts'

/** A queue in memory that may be away, and that a test does the workers' part of. */
export class MemoryOrders implements OrderQueue {
  readonly orders = new Map<string, { state: OrderState; isUrgent: boolean; failure: string }>()
  /** Ids that were added, each as often as it was. */
  readonly added: string[] = []
  isAway = false

  get ids(): string[] {
    return [...this.orders.keys()]
  }

  /** A worker is through with an order. */
  end(id: string, state: OrderState, failure = ''): void {
    this.orders.set(id, { state, isUrgent: false, failure })
  }

  async add(id: string, _order: object, isUrgent: boolean): Promise<void> {
    this.#ask()
    if (this.orders.has(id)) return
    this.added.push(id)
    this.orders.set(id, { state: 'open', isUrgent, failure: '' })
  }

  async stateOf(id: string): Promise<OrderState> {
    this.#ask()
    return this.orders.get(id)?.state ?? 'unknown'
  }

  async failureOf(id: string): Promise<string> {
    this.#ask()
    return this.orders.get(id)?.failure ?? ''
  }

  async remove(id: string): Promise<void> {
    this.#ask()
    this.orders.delete(id)
  }

  async close(): Promise<void> {}

  #ask(): void {
    if (this.isAway) throw new JobError('queue-unavailable', 'away', { retryable: 'outage' })
  }
}
