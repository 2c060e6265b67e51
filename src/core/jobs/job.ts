/** Whether another attempt may go better: `outage`, for certain, as soon as what is down is up again. */
export type Retryable = boolean | 'outage'

/** Why a job failed, with a stable code. */
export class JobError extends Error {
  readonly code: string
  readonly retryable: Retryable

  constructor(code: string, message: string, { retryable, cause }: { retryable: Retryable; cause?: unknown }) {
    super(message, { cause })
    this.name = 'JobError'
    this.code = code
    this.retryable = retryable
  }
}

/** `waiting` for its turn, or for its next attempt; `failed` for good. One that is done, or cancelled, is no job any more. */
export type JobState = 'waiting' | 'running' | 'failed'

/** Work that takes long and must be done once, as the journal keeps it. */
export interface Job<Task> {
  /** Later ones sort after earlier ones. */
  readonly id: string
  /** There are never two jobs with the same key that are not done. */
  readonly key: string
  readonly task: Task
  /** Attempts that have begun. */
  readonly attempts: number
  /** Those of them that an outage ended: they are as good as none. */
  readonly outages?: number
  /** Of the attempt that failed last: its code and text. */
  readonly error?: { readonly code: string; readonly text: string }
  /** There is no other attempt. */
  readonly isFailed?: true
}

/** A job as it is shown. */
export interface ShownJob<Task> extends Job<Task> {
  readonly state: JobState
  /** From 0 to 100, as far as it is known. */
  readonly percent: number
}
