import { type Job, JobError } from '../jobs/job.ts'
import { asJobError } from '../jobs/job-errors.ts'
import type { Attempt, Done } from '../jobs/job-queue.ts'
import type { PlaylistRecord } from '../playlist-record.ts'
import type { Host } from '../ports.ts'
import type { Products } from '../products/products.ts'
import type { Vod } from '../vods/vod.ts'
import type { Vods } from '../vods/vods.ts'
import type { EventQueue, StreamEvent } from '../webhooks/stream-event.ts'
import type { HlsTask, ProductTask, UploadTask } from './task.ts'
import { vodEvent } from './vod-event.ts'

/** What brings files to the bucket. */
export interface UploadWorkParts {
  readonly host: Host
  readonly products: Products
  readonly vods: Vods
  readonly events: EventQueue
  record(app: string, name: string): PlaylistRecord | undefined
  /** Gives a file another name, since the bucket has one of its own. Throws JobError. */
  rename(task: ProductTask, vod: Vod, signal: AbortSignal): Promise<Done>
  /** Whether the bucket has a playlist as it is served, and all of its runs, with what they lead to. */
  isStored(app: string, playlist: string): boolean
}

/** Brings files that were made to the bucket, and tells of them then, not before. */
export class UploadWork {
  readonly #parts: UploadWorkParts

  constructor(parts: UploadWorkParts) {
    this.#parts = parts
  }

  /** Does one. Throws JobError. */
  async work({ task }: Job<UploadTask>, { signal }: Attempt): Promise<Done> {
    return task.product === 'hls' ? this.#hls(task) : this.#product(task, signal)
  }

  #hls({ app, stream, file }: HlsTask): Done {
    // Of what was removed meanwhile there is nothing to tell.
    if (this.#parts.record(app, file) === undefined) return this.#told([])
    if (!this.#parts.isStored(app, file)) {
      throw new JobError('upload-under-way', 'It is not all in the bucket yet.', { retryable: 'outage' })
    }
    return this.#told([this.#completed(app, stream, file)])
  }

  async #product(task: ProductTask, signal: AbortSignal): Promise<Done> {
    const { product, app, stream, file, vodId } = task
    const { host, products, vods } = this.#parts
    const vod = vodId === undefined ? undefined : vods.find(app, vodId)
    // It was removed before it was there.
    if (product === 'vod' && vod === undefined) return this.#told([])
    const how = { token: vodId ?? file, isReplacing: product === 'preview', signal }
    const failure = await products.upload(product, app, file, how).then(() => undefined, asJobError)
    if (failure?.code === 'name-taken' && vod !== undefined) return this.#parts.rename(task, vod, signal)
    if (failure !== undefined) throw failure
    if (vod === undefined) return this.#told([])
    const told = [this.#completed(app, stream, file), vodEvent(app, vod, host.clock.now())]
    const { writes, after } = this.#told(told)
    return { writes: [...vods.writes(app, { ...vod, isUploaded: true }), ...writes], after }
  }

  #completed(app: string, id: string, file: string): StreamEvent {
    return { action: 'uploadCompleted', app, id, timestamp: this.#parts.host.clock.now(), file }
  }

  #told(told: readonly StreamEvent[]): Done {
    const { events } = this.#parts
    return { writes: told.flatMap((event) => events.writes(event)), after: () => events.wake() }
  }
}
