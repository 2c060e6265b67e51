import { JOB_ATTEMPTS, JOB_RETRY_MAX_MS, JOB_RETRY_MS, MAX_FAILED_JOBS, MAX_JOBS } from '../limits.ts'
import type { Host, Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, toText } from '../records.ts'
import { type Job, JobError, type ShownJob } from './job.ts'
import { asJobError } from './job-errors.ts'

/** What an attempt is told, and may tell. */
export interface Attempt {
  readonly signal: AbortSignal
  progress(percent: number): void
}

/** What came of a job. */
export interface Done {
  /** Written in the same batch in which it stops being a job. */
  readonly writes: readonly JournalWrite[]
  /** Called once they are durable. */
  readonly after: () => void
}

/** A job that is about to be added. */
export interface NewJob {
  readonly writes: readonly JournalWrite[]
  /** To be called once they are durable. */
  readonly begin: () => void
}

/** What does jobs. */
export interface JobQueueParts<Task> {
  readonly host: Host
  readonly journal: Journal
  /** Of their journal keys. */
  readonly prefix: string
  /** How many run at once. */
  readonly concurrency: number
  /** Does one. Throws JobError. */
  work(job: Job<Task>, attempt: Attempt): Promise<Done>
}

/** How far a job gets from one line in the log to the next. */
const LOGGED_PERCENT = 20

interface Running {
  readonly abort: AbortController
  percent: number
  readonly done: Promise<void>
}

/** Jobs in the order in which they came, some at once: remembered over a restart, tried again when they fail, never two of the same. */
export class JobQueue<Task> {
  readonly #parts: JobQueueParts<Task>
  readonly #jobs = new Map<string, Job<Task>>()
  readonly #running = new Map<string, Running>()
  /** Those that wait for their next attempt. */
  readonly #timers = new Map<string, () => void>()
  #isStopped = true

  constructor(parts: JobQueueParts<Task>) {
    this.#parts = parts
  }

  /** Takes up what was not done when the receiver stopped, and begins. */
  begin(): void {
    for (const [, value] of this.#parts.journal.entries(this.#parts.prefix)) {
      const job = JSON.parse(toText(value)) as Job<Task>
      this.#jobs.set(job.id, isSpent(job) ? crashed(job) : job)
    }
    this.#isStopped = false
    this.#next()
  }

  /** Adds a job, and resolves when it is durable; one with this key that is not done stands for it. */
  async add(key: string, task: Task): Promise<void> {
    const { writes, begin } = this.prepare(key, task)
    await this.#parts.journal.commit(writes)
    begin()
  }

  /** What adds a job in one batch with what calls for it, see `add`. Throws JobError `too-many-jobs`. */
  prepare(key: string, task: Task): NewJob {
    const { host } = this.#parts
    if (this.has(key)) return { writes: [], begin: () => {} }
    if (this.#jobs.size >= MAX_JOBS) throw new JobError('too-many-jobs', 'Too many jobs wait.', { retryable: 'outage' })
    const job: Job<Task> = { id: host.nextId(), key, task, attempts: 0 }
    const begin = () => {
      if (this.has(key)) return
      this.#jobs.set(job.id, job)
      this.#next()
    }
    return { writes: [this.#note(job)], begin }
  }

  /** Whether there is a job with this key that is not done, and may still be. */
  has(key: string): boolean {
    return [...this.#jobs.values()].some((job) => job.key === key && job.isFailed !== true)
  }

  /** All jobs, the oldest first. */
  all(): ShownJob<Task>[] {
    return [...this.#jobs.values()].map((job) => {
      const running = this.#running.get(job.id)
      const state = running !== undefined ? 'running' : job.isFailed === true ? 'failed' : 'waiting'
      return { ...job, state, percent: running?.percent ?? 0 }
    })
  }

  /** Ends a job, and forgets it; false where there is none. Resolves when it does not run any more. */
  async cancel(id: string): Promise<boolean> {
    const job = this.#jobs.get(id)
    if (job === undefined) return false
    this.#jobs.delete(id)
    this.#timers.get(id)?.()
    this.#timers.delete(id)
    const running = this.#running.get(id)
    running?.abort.abort()
    await running?.done
    await this.#parts.journal.commit([this.#forget(id)])
    this.#next()
    return true
  }

  /** Begins nothing any more; resolves when nothing runs. What was running begins anew at the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const cancel of this.#timers.values()) cancel()
    for (const { abort } of this.#running.values()) abort.abort()
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  #next(): void {
    for (const job of this.#jobs.values()) {
      if (this.#isStopped || this.#running.size >= this.#parts.concurrency) return
      const isDue = job.isFailed !== true && !this.#running.has(job.id) && !this.#timers.has(job.id)
      if (isDue) this.#run({ ...job, attempts: job.attempts + 1 })
    }
  }

  #run(job: Job<Task>): void {
    const abort = new AbortController()
    // What it does comes later than what is noted here.
    const done = Promise.resolve().then(() => this.#attempt(job, abort.signal))
    this.#jobs.set(job.id, job)
    this.#running.set(job.id, { abort, percent: 0, done })
    done
      .catch((cause: unknown) => this.#parts.host.log.error('job not noted', { job: job.key, cause }))
      .finally(() => {
        this.#running.delete(job.id)
        this.#next()
      })
  }

  async #attempt(job: Job<Task>, signal: AbortSignal): Promise<void> {
    const { host, journal, work } = this.#parts
    const progress = (percent: number) => {
      const running = this.#running.get(job.id)
      if (running === undefined) return
      const before = running.percent
      running.percent = Math.min(100, Math.max(before, Math.floor(percent)))
      const isTold = Math.floor(before / LOGGED_PERCENT) < Math.floor(running.percent / LOGGED_PERCENT)
      if (isTold) host.log.info('job goes on', { job: job.key, percent: running.percent })
    }
    let after = () => {}
    try {
      // Counted before it begins: what brings the receiver down is not tried for ever.
      await journal.commit([this.#note(job)])
      if (signal.aborted) throw new JobError('job-ended', 'The job was ended.', { retryable: true })
      host.log.info('job begins', { job: job.key, attempt: job.attempts })
      const done = await work(job, { signal, progress })
      if (signal.aborted) throw new JobError('job-ended', 'The job was ended.', { retryable: true })
      await journal.commit([...done.writes, this.#forget(job.id)])
      this.#jobs.delete(job.id)
      host.log.info('job done', { job: job.key })
      after = done.after
    } catch (error) {
      if (!signal.aborted) await this.#failed(job, error)
    }
    after()
    // A stop is no fault of the job.
    if (signal.aborted && this.#isStopped && this.#jobs.has(job.id)) {
      await journal.commit([this.#note({ ...job, attempts: job.attempts - 1 })])
    }
  }

  async #failed(job: Job<Task>, cause: unknown): Promise<void> {
    const { host, journal } = this.#parts
    const { code, message, retryable } = asJobError(cause)
    const outages = (job.outages ?? 0) + (retryable === 'outage' ? 1 : 0)
    const isLast = retryable === false || isSpent({ ...job, outages })
    const failed: Job<Task> = { ...job, outages, error: { code, text: message }, ...(isLast ? { isFailed: true } : {}) }
    this.#jobs.set(job.id, failed)
    if (isLast) host.log.error('job failed', { job: job.key, code, cause })
    else if (retryable === 'outage') host.log.info('job waits', { job: job.key, code })
    else host.log.warn('job is tried again', { job: job.key, code, attempt: job.attempts, cause })
    if (!isLast) this.#tryLater(job.id, Math.min(JOB_RETRY_MAX_MS, JOB_RETRY_MS * 2 ** (job.attempts - 1)))
    await journal.commit([this.#note(failed), ...this.#forgetFailed()])
  }

  #tryLater(id: string, ms: number): void {
    const cancel = this.#parts.host.clock.after(ms, () => {
      this.#timers.delete(id)
      this.#next()
    })
    this.#timers.set(id, cancel)
  }

  /** Of those that failed for good only the newest are kept. */
  #forgetFailed(): JournalWrite[] {
    const failed = [...this.#jobs.values()].filter(({ isFailed }) => isFailed === true)
    const old = failed.slice(0, Math.max(0, failed.length - MAX_FAILED_JOBS))
    for (const { id } of old) this.#jobs.delete(id)
    return old.map(({ id }) => this.#forget(id))
  }

  #note(job: Job<Task>): JournalWrite {
    return jsonWrite(this.#parts.prefix + job.id, job)
  }

  #forget(id: string): JournalWrite {
    return { key: this.#parts.prefix + id, value: null }
  }
}

/** Whether all attempts of a job have begun. */
function isSpent({ attempts, outages = 0 }: Job<unknown>): boolean {
  return attempts - outages >= JOB_ATTEMPTS
}

/** A job that the end of the receiver ended each time, unless it had failed before. */
function crashed<Task>(job: Job<Task>): Job<Task> {
  if (job.isFailed === true) return job
  const error = { code: 'job-crashed', text: 'The receiver ended each time that it ran.' }
  return { ...job, error, isFailed: true }
}
