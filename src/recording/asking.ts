import { hasPassed } from '../core/elapsed.ts'
import { JobError } from '../core/jobs/job.ts'
import type { Attempt } from '../core/jobs/job-queue.ts'
import type { Clock } from '../core/ports.ts'
import { pause } from './pause.ts'
import type { ReceiverJobs, Standing } from './receiver-jobs.ts'

/** How often the receiver is told how far a job is, and asked whether it is wanted, in ms. */
const ASK_MS = 3_000
/** How long a job may be unknown to the receiver, in ms: one that has just started takes it up soon. */
const UNKNOWN_MS = 15_000

/** Tells the receiver that a job goes on, and ends it where that wants nothing of it any more. */
export class Asking implements Attempt {
  readonly signal: AbortSignal
  readonly #jobs: Pick<ReceiverJobs, 'goesOn'>
  readonly #clock: Clock
  readonly #id: string
  readonly #unwanted = new AbortController()
  readonly #over = new AbortController()
  #percent = 0
  #why: JobError | undefined
  #isTaken = false
  #unknownSince: number | undefined

  /** `stopping` ends it too. */
  constructor(jobs: Pick<ReceiverJobs, 'goesOn'>, clock: Clock, id: string, stopping: AbortSignal) {
    this.#jobs = jobs
    this.#clock = clock
    this.#id = id
    this.signal = AbortSignal.any([stopping, this.#unwanted.signal])
  }

  /** Whether the receiver has the file of it, of another worker's. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  /** Why it was ended; undefined: it was not, or the file is there. */
  get why(): JobError | undefined {
    return this.#why
  }

  /** Begins, when the receiver has said what it thinks of it; false where the file is there. Throws JobError. */
  async begin(): Promise<boolean> {
    const standing = await this.#jobs.goesOn(this.#id, 0, this.signal)
    if (standing === 'unknown') throw unknownOrder()
    this.#isTaken = standing === 'taken'
    if (!this.#isTaken) void this.#askOn()
    return !this.#isTaken
  }

  readonly progress = (percent: number): void => {
    this.#percent = Math.min(100, Math.max(0, Math.floor(percent)))
  }

  /** Asks nothing any more. */
  end(): void {
    this.#over.abort()
  }

  async #askOn(): Promise<void> {
    const over = AbortSignal.any([this.signal, this.#over.signal])
    for (;;) {
      await pause(this.#clock, ASK_MS, over)
      if (over.aborted) return
      try {
        this.#heard(await this.#jobs.goesOn(this.#id, this.#percent, over))
      } catch (error) {
        // A receiver that is away may come back: what is being made is not given up for that.
        if (error instanceof JobError) this.#endFor(error)
      }
    }
  }

  #heard(standing: Standing): void {
    if (standing !== 'unknown') this.#unknownSince = undefined
    else this.#unknownSince ??= this.#clock.now()
    if (standing === 'taken') {
      this.#isTaken = true
      this.#unwanted.abort()
    }
    const since = this.#unknownSince
    if (since !== undefined && hasPassed(since, UNKNOWN_MS, this.#clock.now())) this.#endFor(unknownOrder())
  }

  #endFor(why: JobError): void {
    this.#why = why
    this.#unwanted.abort()
  }
}

function unknownOrder(): JobError {
  return new JobError('order-unknown', 'The receiver does not know of the job.', { retryable: 'outage' })
}
