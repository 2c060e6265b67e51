import { contentOf } from '../catalog.ts'
import { Custody } from '../custody.ts'
import { asReceiverError } from '../errors.ts'
import { extensionOf } from '../file-kind.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import { MAX_IMPORTED_FILES } from '../limits.ts'
import { type UploadTask, uploadKey } from '../making/task.ts'
import { vodEvent } from '../making/vod-event.ts'
import type { BodyContent, BodyFiles, BodySource, Host, Journal } from '../ports.ts'
import type { Products } from '../products/products.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { keepNamed, unkeep } from '../vods/keep-named.ts'
import { mp4Duration } from '../vods/mp4-duration.ts'
import type { Vod } from '../vods/vod.ts'
import { newVodId } from '../vods/vod-id.ts'
import type { VodNames } from '../vods/vod-names.ts'
import type { Vods } from '../vods/vods.ts'
import type { EventQueue } from '../webhooks/stream-event.ts'
import type { Result } from './management.ts'
import { failed, succeeded } from './result.ts'

/** A file of a folder of this machine. */
export interface FolderFile {
  /** Its path below the folder, with slashes. */
  readonly name: string
  readonly content: BodyContent
}

/** The files below a folder that may be taken in; throws ReceiverError `path-forbidden`, `not-found`. */
export type ReadFolder = (directory: string) => AsyncIterable<FolderFile>

/** What takes files in. */
export interface VodUploadsParts {
  readonly host: Host
  readonly journal: Journal
  readonly files: BodyFiles
  readonly products: Products
  readonly vods: Vods
  readonly names: VodNames
  readonly events: EventQueue
  readonly uploads: JobQueue<UploadTask>
  /** Largest file, in bytes. */
  readonly maxBytes: number
  readonly readFolder: ReadFolder
}

/** What is known of a file before it is taken in. */
type NewVod = Pick<Vod, 'vodId' | 'type' | 'streamId' | 'vodName' | 'metadata' | 'directory'>

/** What AMS takes (facts of AMS, section 4.3). */
const EXTENSIONS = ['mp4', 'webm', 'mov', 'avi', 'mp3', 'wmv']
/** What is taken from folders. */
const FOLDER_EXTENSIONS = ['mp4', 'webm', 'mov', 'mkv', 'flv']

/** Takes files in that were recorded elsewhere: uploaded, or those of a folder of this machine. */
export class VodUploads {
  readonly #parts: VodUploadsParts
  readonly #custody: Custody

  constructor(parts: VodUploadsParts) {
    this.#parts = parts
    this.#custody = new Custody(parts.host, parts.files)
  }

  /** Takes one as it is; `name` with its extension. Throws ReceiverError `body-too-large`, `body-cut` …; StorageError. */
  async take(
    app: string,
    name: string,
    source: BodySource,
    metadata: () => string | undefined = () => undefined,
  ): Promise<Result> {
    const { host, files, maxBytes } = this.#parts
    const extension = extensionOf(name)
    if (!EXTENSIONS.includes(extension)) return failed('notSupportedFileType')
    const body = await this.#custody.take(source, maxBytes)
    try {
      const content = body.bytes === undefined ? files.at(body.id, body.size) : contentOf(body.bytes)
      const vodId = newVodId(() => host.random())
      const text = metadata()
      const described = text === undefined ? {} : { metadata: text }
      await this.#keep(app, `${vodId}.${extension}`, content, {
        ...{ vodId, type: 'uploadedVod', streamId: '', vodName: baseName(name), ...described },
      })
      return succeeded(vodId, vodId)
    } finally {
      await this.#custody.release(body)
    }
  }

  /** Takes in the files below a folder; those that an earlier import took in are passed over. */
  async importFolder(app: string, directory: string): Promise<Result> {
    const { host, readFolder } = this.#parts
    const folder = plainDirectory(directory)
    const all = this.#parts.vods.list(app, { offset: 0, size: Number.POSITIVE_INFINITY })
    const known = new Map(all.flatMap((vod) => (vod.directory === folder ? [[vod.file, vod.fileSize]] : [])))
    let count = 0
    try {
      for await (const { name, content } of readFolder(directory)) {
        const file = `${baseName(folder)}/${name}`
        const isMeant = FOLDER_EXTENSIONS.includes(extensionOf(name)) && known.get(file) !== content.size
        if (!isMeant || count >= MAX_IMPORTED_FILES) continue
        const streamId = baseName(folderOf(file).slice(0, -1))
        const about = {
          vodId: newVodId(() => host.random()),
          type: 'userVod',
          streamId,
          vodName: baseName(name),
          directory: folder,
        } as const
        await this.#keep(app, file, content, about)
        count++
      }
    } catch (error) {
      if (asReceiverError(error).code === 'internal-error') throw error
      return failed(asReceiverError(error).message)
    }
    return succeeded(null, `${count} files are imported`)
  }

  async #keep(app: string, wanted: string, content: BodyContent, about: NewVod): Promise<void> {
    const { names } = this.#parts
    const duration = await mp4Duration(content)
    const file = await names.take(app, wanted)
    const named = { app, file, vodId: about.vodId }
    try {
      await keepNamed(this.#parts, named, content)
      await this.#know(app, { ...about, file, duration, fileSize: content.size }).catch(async (error: unknown) => {
        await unkeep(this.#parts, named)
        throw error
      })
    } finally {
      names.release(app, file)
    }
  }

  /** Makes a file known that is kept, and has it brought to the bucket where it belongs there. */
  async #know(app: string, about: Omit<Vod, 'creationDate' | 'startTime'>): Promise<void> {
    const { host, journal, products, vods, events, uploads } = this.#parts
    const now = host.clock.now()
    const vod: Vod = { ...about, creationDate: now, startTime: now }
    if (!products.goesToBucket('vod')) {
      await journal.commit([...vods.writes(app, vod), ...events.writes(vodEvent(app, vod, now))])
      events.wake()
      return
    }
    const { file, vodId, streamId: stream } = vod
    const task: UploadTask = { product: 'vod', app, stream, file, vodId }
    const { writes, begin } = uploads.prepare(uploadKey(task), task)
    await journal.commit([...vods.writes(app, vod), ...writes])
    begin()
  }
}

/** A folder as it is remembered: written in another way it is the same. */
export function plainDirectory(directory: string): string {
  return directory.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '')
}
