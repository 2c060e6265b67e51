import type { JobQueue } from '../jobs/job-queue.ts'
import type { MakeTask, UploadTask } from '../making/task.ts'
import type { Journal } from '../ports.ts'
import type { Products } from '../products/products.ts'
import type { Vod } from '../vods/vod.ts'
import type { Vods } from '../vods/vods.ts'
import type { Result } from './management.ts'
import { failed, succeeded } from './result.ts'
import { plainDirectory } from './vod-uploads.ts'

/** What removes files. */
export interface VodRemovalsParts {
  readonly journal: Journal
  readonly vods: Vods
  readonly products: Products
  readonly makes: JobQueue<MakeTask>
  readonly uploads: JobQueue<UploadTask>
}

/** Removes files that can be watched on demand, from the disk and from the bucket; what was recorded stays. */
export class VodRemovals {
  readonly #parts: VodRemovalsParts

  constructor(parts: VodRemovalsParts) {
    this.#parts = parts
  }

  /** Removes one, and its picture. Throws StorageError. */
  async remove(app: string, vodId: string): Promise<Result> {
    const vod = this.#parts.vods.find(app, vodId)
    if (vod === undefined) return failed()
    await this.#remove(app, vod)
    return succeeded(null, 'vod deleted')
  }

  /** Removes those that were taken in from a folder; the folder stays as it is. Throws StorageError. */
  async unlinkFolder(app: string, directory: string): Promise<Result> {
    const folder = plainDirectory(directory)
    const found = this.#parts.vods.all(app).filter((vod) => vod.directory === folder)
    for (const vod of found) await this.#remove(app, vod)
    return succeeded(null, `${found.length} of records are deleted`)
  }

  /** The files go first: what is known without a file can be removed once more. */
  async #remove(app: string, vod: Vod): Promise<void> {
    const { journal, products, vods } = this.#parts
    const { vodId, preview } = vod
    await this.#cancel((task) => task.product === 'vod' && task.vodId === vodId)
    // Its upload may have ended just before, or have given it another name.
    const { file, isUploaded = false } = vods.find(app, vodId) ?? vod
    await products.remove('vod', app, file, { token: vodId, isUploaded })
    if (preview !== undefined && !this.#isShared(app, preview, vodId)) {
      await this.#cancel((task) => task.product === 'preview' && task.app === app && task.file === preview)
      await products.remove('preview', app, preview, { token: preview, isUploaded: true })
    }
    await journal.commit(vods.removal(app, { ...vod, file }))
  }

  async #cancel(isMeant: (task: UploadTask) => boolean): Promise<void> {
    const { uploads } = this.#parts
    // One that ends just then may have begun another.
    const next = () => uploads.all().find(({ task }) => isMeant(task))
    for (let job = next(); job !== undefined; job = next()) await uploads.cancel(job.id)
  }

  /** Whether a picture is that of another file, also of one that is still to be made. */
  #isShared(app: string, preview: string, vodId: string): boolean {
    const { makes, vods } = this.#parts
    const isMeant = (other: { readonly vodId: string; readonly preview?: string }) =>
      other.preview === preview && other.vodId !== vodId
    const isToCome = makes
      .all()
      .some(({ task, isFailed }) => isFailed !== true && task.kind === 'file' && task.app === app && isMeant(task))
    return isToCome || vods.all(app).some(isMeant)
  }
}
