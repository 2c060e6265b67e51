import type { BodySource } from '../ports.ts'

/** Orders that workers on other machines work at, as those speak of them. */
export interface OrdersOut {
  /** A worker has made so much of one, from 0 to 100. Throws ReceiverError `order-unknown`, `result-taken`. */
  goesOn(id: string, percent: number): void
  /**
   * Takes the file that came of one, which plays so long, in ms; resolves when it is durable. Of several whole ones the first is taken.
   * Throws ReceiverError: those of `goesOn`, `request-invalid` for a body of unknown length or an empty one, `body-too-large`, what the
   * reading throws, and `disk-full`, `storage-unavailable`; nothing is kept then.
   */
  take(id: string, durationMs: number, body: BodySource): Promise<void>
}
