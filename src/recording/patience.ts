import { hasPassed } from '../core/elapsed.ts'
import { JobError } from '../core/jobs/job.ts'
import type { Clock } from '../core/ports.ts'
import { pause } from './pause.ts'

/** How long the receiver may be away, in ms: it starts again meanwhile. */
export const PATIENCE_MS = 300_000
/** Pause before it is tried again, in ms. */
const PAUSE_MS = 2_000

/** Bears with a receiver that is away for a while. */
export class Patience {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #since: number | undefined

  /** The signal ends it. */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  /** It answers. */
  end(): void {
    this.#since = undefined
  }

  /** Waits a little. Throws `cause` where that is a JobError, and JobError `receiver-unavailable` when it took too long, or was ended. */
  async bear(cause: unknown): Promise<void> {
    if (cause instanceof JobError) throw cause
    const since = this.#since ?? this.#clock.now()
    this.#since = since
    await pause(this.#clock, PAUSE_MS, this.#signal)
    if (!hasPassed(since, PATIENCE_MS, this.#clock.now()) && !this.#signal.aborted) return
    throw new JobError('receiver-unavailable', 'The receiver does not answer.', { retryable: 'outage', cause })
  }
}
