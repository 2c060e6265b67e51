import type { Job } from '../jobs/job.ts'
import type { Done } from '../jobs/job-queue.ts'
import type { Host } from '../ports.ts'
import type { Products } from '../products/products.ts'
import type { Vods } from '../vods/vods.ts'
import type { EventQueue } from '../webhooks/stream-event.ts'
import { asJobError } from './product-errors.ts'
import type { UploadTask } from './task.ts'
import { vodEvent } from './vod-event.ts'

/** What brings files to the bucket. */
export interface UploadWorkParts {
  readonly host: Host
  readonly products: Products
  readonly vods: Vods
  readonly events: EventQueue
}

/** Brings files that were made to the bucket, and tells of them then, not before. */
export class UploadWork {
  readonly #parts: UploadWorkParts

  constructor(parts: UploadWorkParts) {
    this.#parts = parts
  }

  /** Does one. Throws JobError. */
  async work({ task }: Job<UploadTask>): Promise<Done> {
    const { host, products, vods, events } = this.#parts
    const { product, app, stream, file, vodId } = task
    const vod = vodId === undefined ? undefined : vods.find(app, vodId)
    // It was removed before it was there.
    if (product === 'vod' && vod === undefined) return { writes: [], after: () => {} }
    const how = { token: vodId ?? file, isReplacing: product === 'preview' }
    await products.upload(product, app, file, how).catch((cause: unknown) => {
      throw asJobError(cause)
    })
    if (vod === undefined) return { writes: [], after: () => {} }
    const timestamp = host.clock.now()
    const completed = events.writes({ action: 'uploadCompleted', app, id: stream, timestamp, file })
    const ready = events.writes(vodEvent(app, vod, timestamp))
    return { writes: [...completed, ...ready], after: () => events.wake() }
  }
}
