import { setTimeout as sleep } from 'node:timers/promises'
import { JobError } from '../core/jobs/job.ts'

/** How long the receiver may be away, in ms: it starts again meanwhile. */
const PATIENCE_MS = 300_000
/** Pause before it is tried again, in ms. */
const PAUSE_MS = 2_000

/** Bears with a receiver that is away for a while. */
export class Patience {
  #since: number | undefined

  /** It answers. */
  end(): void {
    this.#since = undefined
  }

  /** Waits a little. Throws `cause` where that is a JobError, JobError `receiver-unavailable` when it took too long, or was stopped. */
  async bear(cause: unknown, signal?: AbortSignal): Promise<void> {
    if (cause instanceof JobError) throw cause
    const away = new JobError('receiver-unavailable', 'The receiver does not answer.', { retryable: 'outage', cause })
    this.#since ??= performance.now()
    if (performance.now() - this.#since > PATIENCE_MS) throw away
    await sleep(PAUSE_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {
      throw away
    })
  }
}
