import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { JobError } from '../core/jobs/job.ts'
import type { Maker, ReadInput } from '../core/making/order.ts'
import type { Log } from '../core/ports.ts'
import { EmbeddedMaker } from '../recording/embedded-maker.ts'
import { Ffmpeg } from '../recording/ffmpeg.ts'
import { findFfmpeg } from '../recording/find-ffmpeg.ts'
import { emptyWorkFolder } from '../recording/work-folder.ts'

const HOUR_MS = 3_600_000

/** What makes files on this machine; without ffmpeg, jobs wait until there is one. */
export async function openMaker(config: Config, log: Log, read: ReadInput): Promise<Maker> {
  const found = findFfmpeg(config.FFMPEG_PATH, process.env['PATH'] ?? '')
  if ('missing' in found) {
    log.warn('no ffmpeg', { reason: found.missing })
    return { make: () => Promise.reject(new JobError('ffmpeg-missing', found.missing, { retryable: 'outage' })) }
  }
  const folder = join(config.DATA_DIR, '.receiver', 'made')
  await emptyWorkFolder(folder)
  const limits = { ms: config.JOB_MAX_HOURS * HOUR_MS, bytes: config.JOB_MAX_BYTES }
  return new EmbeddedMaker({ ffmpeg: new Ffmpeg(found.path, limits), read, folder })
}
