import { beforeEach, describe, expect, test } from 'vitest'
import { JobError } from '../../src/core/jobs/job.ts'
import type { Attempt } from '../../src/core/jobs/job-queue.ts'
import type { MadeFile } from '../../src/core/making/order.ts'
import { digestOf, readFailure } from '../../src/recording/order-schema.ts'
import { OrderWork, UNREACHED_MS } from '../../src/recording/order-work.ts'
import { PATIENCE_MS } from '../../src/recording/patience.ts'
import type { Standing } from '../../src/recording/receiver-jobs.ts'
import { FakeClock, settled } from '../support/fake-clock.ts'
import { orderOf } from '../support/remote-trial.ts'

/** Longer than the receiver is asked apart, and than an order may be unknown to it, in ms. */
const ASK_MS = 3_000
const UNKNOWN_MS = 20_000
const AWAY = new Error('connect ECONNREFUSED')

/** A worker whose receiver says what it is told to, or throws it, and whose maker ends when it is told to. */
class Bench {
  readonly clock = new FakeClock()
  readonly stopping = new AbortController()
  /** What the receiver says to progress, and to a file. */
  says: Standing | Error = 'well'
  saysToFile: Standing | Error = 'well'
  readonly told: number[] = []
  brought = 0
  removed = 0
  attempt: Attempt | undefined
  finish: (error?: Error) => void = () => {}
  readonly work: OrderWork

  constructor() {
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    this.work = new OrderWork({
      ...{ clock: this.clock, log, stopping: this.stopping.signal },
      makerUntil: () => ({ make: (_, attempt) => this.#make(attempt) }),
      jobs: {
        goesOn: async (_, percent) => {
          this.told.push(percent)
          return orThrow(this.says)
        },
        bring: async () => {
          this.brought++
          return orThrow(this.saysToFile)
        },
      },
    })
  }

  /** Begins an order, and gives what it ends with: a word, or the code that it failed with. */
  async begin(found: unknown = orderOf('a')): Promise<{ readonly end: Promise<string> }> {
    const end = this.work
      .do(`a-${digestOf(JSON.stringify(found))}`, found)
      .catch((error: Error) => readFailure(error.message).code)
    await settled()
    return { end }
  }

  #make(attempt: Attempt): Promise<MadeFile> {
    this.attempt = attempt
    return new Promise((resolve, reject) => {
      this.finish = (error) => {
        const content = { size: 1, path: '/nowhere', stream: () => [] as unknown as AsyncIterable<Uint8Array> }
        if (error !== undefined) reject(error)
        else resolve({ content, durationMs: 1, remove: async () => void this.removed++ })
      }
      attempt.signal.addEventListener('abort', () => this.finish(new JobError('job-ended', '', { retryable: true })))
    })
  }
}

function orThrow(said: Standing | Error): Standing {
  if (said instanceof Error) throw said
  return said
}

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})

describe('an order', () => {
  test('is made, told of while it is, brought, and removed here', async () => {
    const { end } = await bench.begin()
    bench.attempt?.progress(41.7)
    await bench.clock.advance(ASK_MS)
    bench.finish()
    expect(await end).toBe('done')
    expect(bench.told).toEqual([0, 41])
    expect([bench.brought, bench.removed]).toEqual([1, 1])
    await bench.clock.advance(10 * ASK_MS)
    expect(bench.told).toHaveLength(2)
  })

  test('that is none asks the receiver nothing', async () => {
    const { end } = await bench.begin({ ...orderOf('a'), app: '..' })
    expect(await end).toBe('order-invalid')
    expect(bench.told).toEqual([])
  })

  test('whose file the receiver has is not begun; one that it does not know fails', async () => {
    bench.says = 'taken'
    expect(await (await bench.begin()).end).toBe('done')
    for (const [says, code] of [
      ['unknown', 'order-unknown'],
      [AWAY, 'receiver-unavailable'],
    ] as const) {
      bench.says = says
      const { end } = await bench.begin()
      await bench.clock.advance(UNREACHED_MS)
      expect(await end).toBe(code)
    }
    expect(bench.attempt).toBeUndefined()
  })

  test('leaves the queue to others for a while where the receiver is not reached', async () => {
    bench.says = AWAY
    const { end } = await bench.begin()
    let hasEnded = false
    void end.then(() => {
      hasEnded = true
    })
    await bench.clock.advance(UNREACHED_MS - 1)
    expect(hasEnded).toBe(false)
    await bench.clock.advance(1)
    expect(await end).toBe('receiver-unavailable')
  })

  test('that somebody put in the place of another is not begun', async () => {
    const end = bench.work.do(`a-${digestOf(JSON.stringify(orderOf('a')))}`, orderOf('b'))
    const code = end.catch((error: Error) => readFailure(error.message).code)
    await settled()
    expect(await code).toBe('order-invalid')
    expect(bench.told).toEqual([])
  })

  test('is ended as soon as the receiver has the file of another worker', async () => {
    const { end } = await bench.begin()
    bench.says = 'taken'
    await bench.clock.advance(ASK_MS)
    expect(await end).toBe('done')
    expect(bench.brought).toBe(0)
  })

  test('is ended when the receiver has not known it for a while, not sooner', async () => {
    const { end } = await bench.begin()
    for (let times = 0; times < 3; times++) {
      bench.says = 'unknown'
      await bench.clock.advance(UNKNOWN_MS / 2)
      bench.says = 'well'
      await bench.clock.advance(ASK_MS)
    }
    expect(bench.attempt?.signal.aborted).toBe(false)
    bench.says = 'unknown'
    await bench.clock.advance(UNKNOWN_MS + UNREACHED_MS)
    expect(await end).toBe('order-unknown')
  })

  test('goes on while the receiver is away, and is ended where that refuses the key', async () => {
    const { end } = await bench.begin()
    bench.says = AWAY
    await bench.clock.advance(10 * UNKNOWN_MS)
    expect(bench.attempt?.signal.aborted).toBe(false)
    bench.says = new JobError('worker-key-refused', '', { retryable: 'outage' })
    await bench.clock.advance(ASK_MS + UNREACHED_MS)
    expect(await end).toBe('worker-key-refused')
  })

  test('that cannot be made fails with the code of the maker', async () => {
    const { end } = await bench.begin()
    bench.finish(new JobError('input-mixed', 'No.', { retryable: false }))
    expect(await end).toBe('input-mixed')
  })

  test('is handed back where the worker is stopped', async () => {
    const { end } = await bench.begin()
    bench.stopping.abort()
    expect(await end).toBe('handed back')
  })
})

describe('a file', () => {
  test('waits for a receiver that is away, or has just started, and is dropped where another was taken', async () => {
    const { end } = await bench.begin()
    bench.saysToFile = AWAY
    bench.finish()
    await bench.clock.advance(PATIENCE_MS / 2)
    bench.saysToFile = 'unknown'
    await bench.clock.advance(UNKNOWN_MS / 4)
    expect(bench.removed).toBe(0)
    bench.saysToFile = 'taken'
    await bench.clock.advance(UNKNOWN_MS / 4)
    expect(await end).toBe('done')
    expect(bench.removed).toBe(1)
  })

  test('does not wait for ever', async () => {
    const { end } = await bench.begin()
    bench.saysToFile = AWAY
    bench.finish()
    await bench.clock.advance(2 * PATIENCE_MS)
    expect(await end).toBe('receiver-unavailable')
    expect(bench.removed).toBe(1)
  })

  test('that the receiver refuses is not brought again', async () => {
    const { end } = await bench.begin()
    bench.saysToFile = new JobError('job-too-large', '', { retryable: false })
    bench.finish()
    expect(await end).toBe('job-too-large')
    expect([bench.brought, bench.removed]).toEqual([1, 1])
  })
})
