import type { BodyFiles, Journal } from '../core/ports.ts'

/** Where a receiver keeps what it accepted. */
export interface Custody {
  readonly journal: Journal
  readonly files: BodyFiles
  /** Gives ids that sort behind all that the journal holds. */
  nextId(): string
}
