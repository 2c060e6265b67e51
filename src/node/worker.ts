import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Config, ConfigError } from '../config/schema.ts'
import { checkWorker } from '../config/worker-settings.ts'
import { JobError } from '../core/jobs/job.ts'
import type { Log } from '../core/ports.ts'
import { BullWorker } from '../recording/bull-queue.ts'
import { EmbeddedMaker } from '../recording/embedded-maker.ts'
import { findFfmpeg } from '../recording/find-ffmpeg.ts'
import { OrderWork } from '../recording/order-work.ts'
import { ReceiverClient } from '../recording/receiver-client.ts'
import { readFromReceiver } from '../recording/receiver-input.ts'
import { ReceiverJobs } from '../recording/receiver-jobs.ts'
import { emptyWorkFolder } from '../recording/work-folder.ts'
import { lockData } from './data-lock.ts'
import { nodeClock } from './host.ts'
import { ffmpegAt } from './maker.ts'

/** Pause before a receiver that does not answer is asked again, in ms. */
const RECEIVER_PAUSE_MS = 2_000
/** How long a worker that stops waits for Redis, in ms: what it does not hand back, others find out. */
export const WORKER_STOP_MS = 10_000

/** A worker that takes jobs. */
export interface RunningWorker {
  /** Hands back what it is at, and ends, within WORKER_STOP_MS. */
  stop(): Promise<void>
}

/**
 * The composition root of a worker: takes jobs out of the queue in Redis, as soon as the receiver and Redis are there. Throws
 * ConfigError where it cannot work as it is set up, and where its key is refused.
 */
export async function work(config: Config, log: Log): Promise<RunningWorker> {
  const wrong = checkWorker(config)
  if (wrong !== undefined) throw new ConfigError(wrong)
  const found = findFfmpeg(config.FFMPEG_PATH, process.env['PATH'] ?? '')
  if ('missing' in found) throw new ConfigError(found.missing)
  const { folder, unlock } = await ownFolder(config.WORKER_DIR)
  const client = new ReceiverClient(config.RECEIVER_URL)
  const jobs = new ReceiverJobs(client, config.WORKER_KEY)
  await reached(jobs, log)
  const stopping = new AbortController()
  const ffmpeg = ffmpegAt(found.path, config)
  const makerUntil = (signal: AbortSignal) =>
    new EmbeddedMaker({ ffmpeg, read: readFromReceiver(client, nodeClock, signal), folder })
  const orders = new OrderWork({ makerUntil, jobs, clock: nodeClock, log, stopping: stopping.signal })
  const place = { url: config.REDIS_URL, name: config.JOB_QUEUE, log }
  const worker = new BullWorker(place, config.JOB_CONCURRENCY, (id, order) => orders.do(id, order))
  await worker.ready()
  return {
    async stop() {
      stopping.abort()
      client.close()
      await Promise.race([worker.close(), sleep(WORKER_STOP_MS, undefined, { ref: false })])
      await unlock()
    },
  }
}

/** The folder that files are made in, empty, and this process's alone. */
async function ownFolder(path: string): Promise<{ folder: string; unlock: () => Promise<void> }> {
  mkdirSync(join(path, '.receiver'), { recursive: true })
  const root = realpathSync(path)
  const unlock = await lockData(root, 'WORKER_DIR')
  const folder = join(root, 'made')
  await emptyWorkFolder(folder)
  return { folder, unlock }
}

/** Resolves when the receiver answers, and takes the key. Throws ConfigError where it does not. */
async function reached(jobs: ReceiverJobs, log: Log): Promise<void> {
  let isTold = false
  for (;;) {
    try {
      await jobs.check()
      return
    } catch (cause) {
      if (cause instanceof JobError) throw new ConfigError(`RECEIVER_URL: ${cause.message}`, { cause })
      if (!isTold) log.warn('receiver not reached', { cause })
      isTold = true
      await sleep(RECEIVER_PAUSE_MS)
    }
  }
}
