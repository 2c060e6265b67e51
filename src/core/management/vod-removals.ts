import type { JobQueue } from '../jobs/job-queue.ts'
import { MAX_IMPORTED_FILES } from '../limits.ts'
import type { UploadTask } from '../making/task.ts'
import type { Journal } from '../ports.ts'
import type { Products } from '../products/products.ts'
import { baseName } from '../upload-path.ts'
import type { Vod } from '../vods/vod.ts'
import type { Vods } from '../vods/vods.ts'
import type { Result } from './management.ts'
import { failed, succeeded } from './result.ts'

/** What removes files. */
export interface VodRemovalsParts {
  readonly journal: Journal
  readonly vods: Vods
  readonly products: Products
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
    const folder = `${baseName(directory)}/`
    const all = this.#parts.vods.list(app, { offset: 0, size: MAX_IMPORTED_FILES })
    const found = all.filter(({ type, file }) => type === 'userVod' && file.startsWith(folder))
    for (const vod of found) await this.#remove(app, vod)
    return succeeded(null, `${found.length} of records are deleted`)
  }

  /** The files go first: what is known without a file can be removed once more. */
  async #remove(app: string, vod: Vod): Promise<void> {
    const { journal, products, uploads, vods } = this.#parts
    const upload = uploads.all().find(({ task }) => task.product === 'vod' && task.vodId === vod.vodId)
    if (upload !== undefined) await uploads.cancel(upload.id)
    await products.remove('vod', app, vod.file)
    const { preview } = vod
    const others = preview === undefined ? [] : vods.list(app, { offset: 0, size: Number.POSITIVE_INFINITY })
    const isShared = others.some((other) => other.preview === preview && other.vodId !== vod.vodId)
    if (preview !== undefined && !isShared) await products.remove('preview', app, preview)
    await journal.commit(vods.removal(app, vod))
  }
}
