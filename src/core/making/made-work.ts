import { type Job, JobError } from '../jobs/job.ts'
import { asJobError } from '../jobs/job-errors.ts'
import type { Attempt, Done, NewJob } from '../jobs/job-queue.ts'
import type { Host } from '../ports.ts'
import type { PreviewRules } from '../previews/preview-rules.ts'
import type { ProductKind, Products } from '../products/products.ts'
import { baseName } from '../upload-path.ts'
import type { Vod } from '../vods/vod.ts'
import type { Vods } from '../vods/vods.ts'
import type { EventQueue } from '../webhooks/stream-event.ts'
import type { InputPart, MadeFile, MakeOrder, Maker } from './order.ts'
import type { FileTask, MakeTask, PictureTask, ProductTask } from './task.ts'
import { vodEvent } from './vod-event.ts'

/** What makes files of recordings. */
export interface MadeWorkParts {
  readonly host: Host
  readonly maker: Maker
  readonly products: Products
  readonly vods: Vods
  readonly events: EventQueue
  readonly previews: PreviewRules
  /** What a part of the recordings is made of. Throws JobError. */
  inputs(app: string, parts: FileTask['parts']): Promise<readonly InputPart[]>
  /** Adds a job that brings a file to the bucket. */
  prepareUpload(task: ProductTask): NewJob
  /** What adds jobs that make each part a file of its own. */
  split(task: FileTask): Promise<NewJob>
}

/** Does the jobs that make files and pictures: made on this disk, known once they are there, and on their way to the bucket then. */
export class MadeWork {
  readonly #parts: MadeWorkParts

  constructor(parts: MadeWorkParts) {
    this.#parts = parts
  }

  /** Does one. Throws JobError. */
  work({ id, task }: Job<MakeTask>, attempt: Attempt): Promise<Done> {
    return task.kind === 'file' ? this.#file(id, task, attempt) : this.#finished(id, task, attempt)
  }

  /** Where one file cannot hold all runs, since its encoder came back with other codecs, each run becomes one. */
  async #file(id: string, task: FileTask, attempt: Attempt): Promise<Done> {
    const { app, format } = task
    const parts = await this.#parts.inputs(app, task.parts)
    const made = await this.#make('vod', task, { id, app, format, parts }, attempt).catch((error: unknown) => {
      if (error instanceof JobError && error.code === 'input-mixed' && task.parts.length > 1) return undefined
      throw error
    })
    if (made === undefined) {
      const { writes, begin } = await this.#parts.split(task)
      return { writes, after: begin }
    }
    try {
      return this.#known(task, made)
    } catch (error) {
      await this.#discard('vod', task)
      throw error
    }
  }

  #known(task: FileTask, made: Pick<Vod, 'duration' | 'fileSize'>): Done {
    const { vods, events, products } = this.#parts
    const { app, stream, file, vodId } = task
    const vod = this.#vodOf(task, made)
    if (products.goesToBucket('vod')) {
      const upload = this.#parts.prepareUpload({ product: 'vod', app, stream, file, vodId })
      return { writes: [...vods.writes(app, vod), ...upload.writes], after: upload.begin }
    }
    const told = events.writes(vodEvent(app, vod, this.#parts.host.clock.now()))
    return { writes: [...vods.writes(app, vod), ...told], after: () => events.wake() }
  }

  /** The picture that is left of a session. */
  async #finished(id: string, task: PictureTask, attempt: Attempt): Promise<Done> {
    const { app, stream, file } = task
    await this.picture(id, task, attempt)
    if (!this.#parts.products.goesToBucket('preview')) return { writes: [], after: () => {} }
    const upload = this.#parts.prepareUpload({ product: 'preview', app, stream, file })
    return { writes: upload.writes, after: upload.begin }
  }

  /** Makes a picture, and keeps it on this disk. Throws JobError. */
  async picture(id: string, task: PictureTask, attempt: Attempt): Promise<void> {
    const { app, format } = task
    const { height, quality } = this.#parts.previews
    const parts = await this.#parts.inputs(app, [task.part])
    await this.#make('preview', task, { id, app, format, height, quality, parts }, attempt)
  }

  /** Makes a file, and keeps it under its name; a video whose job was ended is not left, a picture may have been there before. */
  async #make(
    kind: ProductKind,
    task: MakeTask,
    order: MakeOrder,
    attempt: Attempt,
  ): Promise<Pick<Vod, 'duration' | 'fileSize'>> {
    const made: MadeFile = await this.#parts.maker.make(order, attempt)
    try {
      if (attempt.signal.aborted) throw new JobError('job-ended', 'The job was ended.', { retryable: true })
      await this.#parts.products.keep(kind, task.app, task.file, made.content).catch((cause: unknown) => {
        throw asJobError(cause)
      })
      if (kind === 'vod' && attempt.signal.aborted) {
        await this.#discard(kind, task)
        throw new JobError('job-ended', 'The job was ended.', { retryable: true })
      }
      return { duration: made.durationMs, fileSize: made.content.size }
    } finally {
      await made.remove()
    }
  }

  /** What fails here is left to the next start. */
  async #discard(kind: ProductKind, { app, file }: MakeTask): Promise<void> {
    const { host, products } = this.#parts
    await products.discard(kind, app, file).catch((cause: unknown) => {
      host.log.warn('file not removed', { app, file, cause })
    })
  }

  #vodOf(task: FileTask, { duration, fileSize }: Pick<Vod, 'duration' | 'fileSize'>): Vod {
    const { vodId, stream, file, startTime, isPart, preview } = task
    return {
      ...{ vodId, type: 'streamVod', streamId: stream, vodName: baseName(file), file },
      ...{ creationDate: this.#parts.host.clock.now(), startTime, duration, fileSize },
      ...(preview === undefined ? {} : { preview }),
      ...(isPart === undefined ? {} : { isPart }),
    }
  }
}
