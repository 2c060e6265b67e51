/** How far the workers are with an order; `unknown` where the queue has none of this id, or has it no more. */
export type OrderState = 'open' | 'done' | 'failed' | 'unknown'

/** Where workers on other machines find orders. Everything throws JobError `queue-unavailable` where it cannot be asked. */
export interface OrderQueue {
  /** Adds one; where there is one of this id, nothing changes. An urgent one comes before all that are not. */
  add(id: string, order: object, isUrgent: boolean): Promise<void>
  stateOf(id: string): Promise<OrderState>
  /** Why a failed one failed, in the worker's words. */
  failureOf(id: string): Promise<string>
  /** Removes one; what a worker is at stays. */
  remove(id: string): Promise<void>
  close(): Promise<void>
}
