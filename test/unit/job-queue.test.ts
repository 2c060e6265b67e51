import { describe, expect, test } from 'vitest'
import { JobError } from '../../src/core/jobs/job.ts'
import { type Attempt, type Done, JobQueue } from '../../src/core/jobs/job-queue.ts'
import { JOB_ATTEMPTS, JOB_RETRY_MAX_MS, JOB_RETRY_MS, MAX_FAILED_JOBS } from '../../src/core/limits.ts'
import type { Journal, Log } from '../../src/core/ports.ts'
import { toBytes } from '../../src/core/records.ts'
import { memoryJournal } from '../../src/stores/memory-custody.ts'
import { simulatedHost } from '../simulation/world/surroundings.ts'
import { FakeClock, settled } from '../support/fake-clock.ts'

const PREFIX = 'J/'

/** A job that runs until it is told how it ends. */
interface Running {
  readonly task: string
  readonly attempt: Attempt
  end(error?: unknown): Promise<void>
}

class Bench {
  readonly clock = new FakeClock()
  readonly running: Running[] = []
  readonly journal: Journal
  queue: JobQueue<string>
  readonly #concurrency: number
  readonly #log: { event: string; fields: Record<string, unknown> | undefined }[] = []
  #lives = 0

  constructor(concurrency = 1, journal: Journal = memoryJournal()) {
    this.#concurrency = concurrency
    this.journal = journal
    this.queue = this.#newQueue()
  }

  /** Stops without a word, and starts again on what is durable. */
  async crash(): Promise<void> {
    this.clock.forget()
    this.running.length = 0
    this.queue = this.#newQueue()
    await settled()
  }

  logged(event: string): (Record<string, unknown> | undefined)[] {
    return this.#log.filter((line) => line.event === event).map(({ fields }) => fields)
  }

  get tasks(): string[] {
    return this.running.map(({ task }) => task)
  }

  /** The one that has run longest. */
  get first(): Running {
    const [first] = this.running
    if (first === undefined) throw new Error('nothing runs')
    return first
  }

  #newQueue(): JobQueue<string> {
    const queue = new JobQueue<string>({
      host: simulatedHost(this.clock, this.#lives++, this.#logger()),
      ...{ journal: this.journal, prefix: PREFIX, concurrency: this.#concurrency },
      work: ({ task }, attempt) => this.#run(task, attempt),
    })
    queue.begin()
    return queue
  }

  #run(task: string, attempt: Attempt): Promise<Done> {
    return new Promise((resolve, reject) => {
      const end = async (error?: unknown) => {
        this.running.splice(this.running.indexOf(running), 1)
        if (error === undefined) resolve({ writes: [{ key: `done/${task}`, value: toBytes('1') }], after: () => {} })
        else reject(error)
        await settled()
      }
      const running: Running = { task, attempt, end }
      attempt.signal.addEventListener('abort', () => void end(new Error('aborted')))
      this.running.push(running)
    })
  }

  #logger(): Log {
    const note = (event: string, fields?: Record<string, unknown>) => void this.#log.push({ event, fields })
    return { info: note, warn: note, error: note }
  }

  async add(...tasks: string[]): Promise<void> {
    for (const task of tasks) await this.queue.add(task, task)
    await settled()
  }

  done(task: string): boolean {
    return this.journal.get(`done/${task}`) !== undefined
  }
}

const poor = new JobError('input-poor', 'It cannot be read.', { retryable: true })

describe('jobs', () => {
  test('are done in the order in which they came, as many at once as may be', async () => {
    const bench = new Bench(2)
    await bench.add('a', 'b', 'c', 'd')
    expect(bench.tasks).toEqual(['a', 'b'])
    await bench.first.end()
    expect(bench.tasks).toEqual(['b', 'c'])
    expect(bench.queue.all().map(({ key, state }) => [key, state])).toEqual([
      ['b', 'running'],
      ['c', 'running'],
      ['d', 'waiting'],
    ])
  })

  test('are never two of the same; one that is done may come again', async () => {
    const bench = new Bench(2)
    await bench.add('a', 'a')
    expect(bench.tasks).toEqual(['a'])
    await bench.first.end()
    await bench.add('a')
    expect(bench.tasks).toEqual(['a'])
  })

  test('what comes of one is durable in the same batch in which it is done', async () => {
    const journal = memoryJournal()
    const batches: string[][] = []
    const commit = journal.commit.bind(journal)
    journal.commit = (writes) => {
      batches.push(writes.map(({ key, value }) => (value === null ? `-${key.slice(0, 2)}` : key.slice(0, 6))))
      return commit(writes)
    }
    const bench = new Bench(1, journal)
    await bench.add('a')
    await bench.first.end()
    expect(batches.at(-1)).toEqual(['done/a', '-J/'])
  })

  test('are tried again after a pause that doubles, and fail for good after so many attempts', async () => {
    const bench = new Bench()
    await bench.add('a')
    for (let attempt = 1; attempt < JOB_ATTEMPTS; attempt++) {
      await bench.first.end(poor)
      expect(bench.queue.all()[0]).toMatchObject({ state: 'waiting', attempts: attempt, error: { code: 'input-poor' } })
      const pause = Math.min(JOB_RETRY_MAX_MS, JOB_RETRY_MS * 2 ** (attempt - 1))
      await bench.clock.advance(pause - 1)
      expect(bench.tasks).toEqual([])
      await bench.clock.advance(1)
      expect(bench.tasks).toEqual(['a'])
    }
    await bench.first.end(poor)
    await bench.clock.advance(2 * JOB_RETRY_MAX_MS)
    expect(bench.queue.all()[0]).toMatchObject({ state: 'failed', attempts: JOB_ATTEMPTS })
    await bench.add('a')
    expect(bench.tasks).toEqual(['a'])
  })

  test('fail at once where another attempt is of no use, and are tried for ever where something is down', async () => {
    const bench = new Bench()
    await bench.add('a')
    await bench.first.end(new JobError('input-foreign', 'No.', { retryable: false }))
    expect(bench.queue.all()[0]).toMatchObject({ state: 'failed', attempts: 1 })
    await bench.add('b')
    for (let attempt = 0; attempt < 3 * JOB_ATTEMPTS; attempt++) {
      await bench.first.end(new JobError('storage-unavailable', 'Down.', { retryable: 'outage' }))
      await bench.clock.advance(JOB_RETRY_MAX_MS)
    }
    await bench.first.end()
    expect(bench.done('b')).toBe(true)
  })

  test('one that waits for its next attempt keeps no other waiting', async () => {
    const bench = new Bench()
    await bench.add('a', 'b')
    await bench.first.end(poor)
    expect(bench.tasks).toEqual(['b'])
  })

  test('are taken up after a crash, each attempt counted: what brings the receiver down is not tried for ever', async () => {
    const bench = new Bench()
    await bench.add('a', 'b')
    for (let attempt = 1; attempt <= JOB_ATTEMPTS; attempt++) {
      expect(bench.tasks).toEqual(['a'])
      await bench.crash()
    }
    expect(bench.tasks).toEqual(['b'])
    expect(bench.queue.all()[0]).toMatchObject({ key: 'a', state: 'failed', error: { code: 'job-crashed' } })
  })

  test('begin anew after a stop, which is no attempt', async () => {
    const bench = new Bench()
    await bench.add('a')
    for (let start = 0; start < 2 * JOB_ATTEMPTS; start++) {
      const { attempt } = bench.first
      await bench.queue.stop()
      expect(attempt.signal.aborted).toBe(true)
      await bench.crash()
    }
    await bench.first.end()
    expect(bench.done('a')).toBe(true)
    expect(bench.queue.all()).toEqual([])
  })

  test('can be cancelled, running or not, and are forgotten then', async () => {
    const bench = new Bench()
    await bench.add('a', 'b', 'c')
    const [a, b] = bench.queue.all()
    expect(await bench.queue.cancel(b?.id ?? '')).toBe(true)
    expect(await bench.queue.cancel(a?.id ?? '')).toBe(true)
    expect(await bench.queue.cancel(a?.id ?? '')).toBe(false)
    await settled()
    expect(bench.tasks).toEqual(['c'])
    await bench.crash()
    expect(bench.tasks).toEqual(['c'])
  })

  test('tell how far they are, never less than before, also in the log now and then', async () => {
    const bench = new Bench()
    await bench.add('a')
    for (const percent of [10, 55.5, 30, 56, 57, 400]) bench.first.attempt.progress(percent)
    expect(bench.queue.all()[0]?.percent).toBe(100)
    expect(bench.logged('job goes on').map((fields) => fields?.['percent'])).toEqual([55, 100])
  })

  test('of those that failed for good, only so many are remembered', async () => {
    const bench = new Bench()
    for (let index = 0; index < MAX_FAILED_JOBS + 2; index++) {
      await bench.add(`job ${index}`)
      await bench.first.end(new JobError('input-foreign', 'No.', { retryable: false }))
    }
    const kept = [...bench.journal.entries(PREFIX)]
    expect(kept).toHaveLength(MAX_FAILED_JOBS)
    expect(bench.queue.all()[0]?.key).toBe('job 2')
  })
})
