import { JobError } from '../jobs/job.ts'
import { asJobError } from '../jobs/job-errors.ts'
import type { Done, NewJob } from '../jobs/job-queue.ts'
import { baseName } from '../upload-path.ts'
import { type KeepingParts, keepNamed, unkeep } from '../vods/keep-named.ts'
import type { Vod } from '../vods/vod.ts'
import type { VodNames } from '../vods/vod-names.ts'
import type { Vods } from '../vods/vods.ts'
import type { ProductTask } from './task.ts'

/** What gives files other names. */
export interface RenamedUploadParts extends KeepingParts {
  readonly vods: Vods
  readonly names: VodNames
  /** Adds a job that brings a file to the bucket. */
  prepareUpload(task: ProductTask): NewJob
}

/**
 * Gives a file that was made the next free name, as AMS does, where the bucket has another of its name, and a new upload. It has the
 * old name until all of that is durable; that one is not given again. Throws JobError.
 */
export async function renamedUpload(
  parts: RenamedUploadParts,
  task: ProductTask,
  vod: Vod,
  signal: AbortSignal,
): Promise<Done> {
  const { host, products, vods, names, prepareUpload } = parts
  const { app } = task
  const file = await names.take(app, vod.file)
  try {
    const { writes, begin } = prepareUpload({ ...task, file })
    const { content } = await products.file('vod', app, vod.file)
    const named = { app, file, vodId: vod.vodId }
    await keepNamed(parts, named, content)
    if (signal.aborted) {
      await unkeep(parts, named)
      throw new JobError('job-ended', 'The job was ended.', { retryable: true })
    }
    const vodName = vod.vodName === baseName(vod.file) ? baseName(file) : vod.vodName
    const after = () => {
      begin()
      products.discard('vod', app, vod.file).catch((cause: unknown) => {
        host.log.warn('file not removed', { app, file: vod.file, cause })
      })
    }
    const renamed = [...vods.writes(app, { ...vod, file, vodName }), vods.nameRemoval(app, vod.file)]
    return { writes: [...renamed, ...writes], after }
  } catch (cause) {
    throw asJobError(cause)
  } finally {
    names.release(app, file)
  }
}
