import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MadeFile, MakeOrder } from '../../src/core/making/order.ts'
import type { BodySource } from '../../src/core/ports.ts'
import { RemoteMaker } from '../../src/recording/remote-maker.ts'
import { FakeClock, settled } from './fake-clock.ts'
import { MemoryOrders } from './memory-orders.ts'

/** Largest file that it takes, in bytes. */
export const MAX_RESULT_BYTES = 200_000

/** An order of a job. */
export function orderOf(id: string, stored = 'cam000.ts'): MakeOrder {
  return { id, app: 'live', format: 'mp4', parts: [{ files: [{ stored }], seconds: 2 }] }
}

/** A job that is being made. */
export interface TrialJob {
  readonly made: Promise<MadeFile>
  readonly abort: AbortController
  readonly percents: readonly number[]
  /** The id that workers know it by. */
  readonly id: string
}

/** A RemoteMaker between a queue in memory and a folder on the disk. */
export class RemoteTrial {
  readonly clock = new FakeClock()
  readonly queue = new MemoryOrders()
  readonly folder = mkdtempSync(join(tmpdir(), 'results-'))
  readonly maker: RemoteMaker

  constructor() {
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    const { clock, queue, folder } = this
    this.maker = new RemoteMaker({ queue, folder, maxBytes: MAX_RESULT_BYTES, clock, log })
  }

  /** Begins a job, and gives it when its order is in the queue. */
  async begin(order: MakeOrder): Promise<TrialJob> {
    const abort = new AbortController()
    const percents: number[] = []
    const progress = (percent: number) => void percents.push(percent)
    const made = this.maker.make(order, { signal: abort.signal, progress })
    made.catch(() => undefined)
    await settled()
    const id = this.queue.ids.find((each) => each.startsWith(`${order.id}-`)) ?? ''
    return { made, abort, percents, id }
  }

  /** What lies in the folder. */
  left(): string[] {
    return readdirSync(this.folder)
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A body that comes at once. */
export function bodyOf(text: string): BodySource {
  const bytes = new TextEncoder().encode(text)
  return { declaredBytes: bytes.length, read: async (take) => void (await take(bytes)) }
}
