import type { StreamEvent } from './stream-event.ts'

/** An event that is to be told, as the journal keeps it. */
export interface QueuedEvent {
  /** Later ones sort after earlier ones. */
  readonly id: string
  /** When it was written down, in ms since the epoch. */
  readonly at: number
  readonly event: StreamEvent
}
