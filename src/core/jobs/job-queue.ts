import { JOB_ATTEMPTS, JOB_RETRY_MS, MAX_FAILED_JOBS, MAX_JOBS } from '../limits.ts'
import type { Host, Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, toText } from '../records.ts'
import { type Job, JobError, type ShownJob } from './job.ts'

/** What an attempt is told, and may tell. */
export interface Attempt {
  readonly signal: AbortSignal
  progress(percent: number): void
}

/** What does jobs. */
export interface JobQueueParts<Task> {
  readonly host: Host
  readonly journal: Journal
  /** How many run at once. */
  readonly concurrency: number
  /** Does one; resolves with what is written in the same batch in which it stops being a job. Throws JobError. */
  work(job: Job<Task>, attempt: Attempt): Promise<readonly JournalWrite[]>
}

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
    for (const [, value] of this.#parts.journal.entries(keys.jobs)) {
      const job = JSON.parse(toText(value)) as Job<Task>
      this.#jobs.set(job.id, job)
    }
    this.#isStopped = false
    this.#next()
  }

  /** Adds a job, in the same batch with `writes`; one that is there already with this key, and may still run, stands for it. */
  async add(key: string, task: Task, writes: readonly JournalWrite[] = []): Promise<Job<Task>> {
    const { host, journal } = this.#parts
    const known = [...this.#jobs.values()].find((each) => each.key === key && each.isFailed !== true)
    if (known !== undefined) return known
    if (this.#jobs.size >= MAX_JOBS) throw new JobError('too-many-jobs', 'Too many jobs wait.', { retryable: true })
    const job: Job<Task> = { id: host.nextId(), key, task, attempts: 0 }
    this.#jobs.set(job.id, job)
    try {
      await journal.commit([...writes, jsonWrite(keys.job(job.id), job)])
    } catch (error) {
      this.#jobs.delete(job.id)
      throw error
    }
    this.#next()
    return job
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
    await this.#parts.journal.commit([{ key: keys.job(id), value: null }])
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
      if (running !== undefined) running.percent = Math.min(100, Math.max(running.percent, Math.floor(percent)))
    }
    try {
      // Counted before it begins: what brings the receiver down is not tried for ever.
      await journal.commit([jsonWrite(keys.job(job.id), job)])
      host.log.info('job begins', { job: job.key, attempt: job.attempts })
      const writes = await work(job, { signal, progress })
      if (signal.aborted) throw new JobError('job-ended', 'The job was ended.', { retryable: true })
      await journal.commit([...writes, { key: keys.job(job.id), value: null }])
      this.#jobs.delete(job.id)
      host.log.info('job done', { job: job.key })
    } catch (error) {
      if (!signal.aborted) await this.#failed(job, error)
    }
    // A stop is no fault of the job.
    if (signal.aborted && this.#isStopped && this.#jobs.has(job.id)) {
      await journal.commit([jsonWrite(keys.job(job.id), { ...job, attempts: job.attempts - 1 })])
    }
  }

  async #failed(job: Job<Task>, cause: unknown): Promise<void> {
    const { host, journal } = this.#parts
    const error = cause instanceof JobError ? cause : undefined
    const isLast = error?.retryable === false || job.attempts >= JOB_ATTEMPTS
    const { code, message } = error ?? { code: 'job-failed', message: 'The job failed.' }
    const failed: Job<Task> = { ...job, error: { code, text: message }, ...(isLast ? { isFailed: true } : {}) }
    this.#jobs.set(job.id, failed)
    if (isLast) host.log.error('job failed', { job: job.key, code, cause })
    else host.log.warn('job is tried again', { job: job.key, code, attempt: job.attempts, cause })
    if (!isLast) this.#tryLater(job.id, JOB_RETRY_MS * 2 ** (job.attempts - 1))
    await journal.commit([jsonWrite(keys.job(job.id), failed), ...this.#forgetFailed()])
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
    return old.map(({ id }) => ({ key: keys.job(id), value: null }))
  }
}
