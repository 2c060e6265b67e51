import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { JobError } from '../core/jobs/job.ts'
import type { Maker, ReadInput } from '../core/making/order.ts'
import type { OrdersOut } from '../core/making/orders-out.ts'
import type { Log } from '../core/ports.ts'
import { EmbeddedMaker } from '../recording/embedded-maker.ts'
import { Ffmpeg } from '../recording/ffmpeg.ts'
import { findFfmpeg } from '../recording/find-ffmpeg.ts'
import { RemoteMaker } from '../recording/remote-maker.ts'
import { emptyWorkFolder } from '../recording/work-folder.ts'
import { nodeClock } from './host.ts'

const HOUR_MS = 3_600_000
/** Orders that are out with workers at once: how many are made at once is theirs to say. */
const ORDERS_OUT = 32

/** What makes files, and how many at once. */
export interface Making {
  readonly maker: Maker
  readonly concurrency: number
  /** Where workers on other machines make them, what those speak to. */
  readonly orders?: OrdersOut
  close(): Promise<void>
}

/** What makes files: workers on other machines with REDIS_URL, else ffmpeg on this one. */
export async function openMaking(config: Config, log: Log, read: ReadInput): Promise<Making> {
  const folder = join(config.DATA_DIR, '.receiver', 'made')
  await emptyWorkFolder(folder)
  if (config.REDIS_URL !== '') return remoteMaking(config, log, folder)
  const maker = embeddedMaker(config, log, read, folder)
  return { maker, concurrency: config.JOB_CONCURRENCY, close: async () => {} }
}

async function remoteMaking(config: Config, log: Log, folder: string): Promise<Making> {
  // Others need not load all that is behind it.
  const { BullQueue } = await import('../recording/bull-queue.ts')
  const queue = new BullQueue({ url: config.REDIS_URL, name: config.JOB_QUEUE, log })
  const maker = new RemoteMaker({ queue, folder, maxBytes: config.JOB_MAX_BYTES, clock: nodeClock, log })
  return { maker, orders: maker, concurrency: ORDERS_OUT, close: () => queue.close() }
}

/** Without ffmpeg, jobs wait until there is one: each attempt looks again. */
function embeddedMaker(config: Config, log: Log, read: ReadInput, folder: string): Maker {
  const find = () => findFfmpeg(config.FFMPEG_PATH, process.env['PATH'] ?? '')
  const atStart = find()
  if ('missing' in atStart) log.warn('no ffmpeg', { reason: atStart.missing })
  return {
    async make(order, attempt) {
      const found = find()
      if ('missing' in found) throw new JobError('ffmpeg-missing', found.missing, { retryable: 'outage' })
      return new EmbeddedMaker({ ffmpeg: ffmpegAt(found.path, config), read, folder }).make(order, attempt)
    },
  }
}

/** The ffmpeg of a path, with the bounds of the settings. */
export function ffmpegAt(path: string, config: Config): Ffmpeg {
  return new Ffmpeg(path, { ms: config.JOB_MAX_HOURS * HOUR_MS, bytes: config.JOB_MAX_BYTES })
}
