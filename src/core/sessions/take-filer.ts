import type { NewJob } from '../jobs/job-queue.ts'
import { type FileTask, type HlsTask, jobKey, type MakeTask } from '../making/task.ts'
import type { Host, Journal, JournalWrite } from '../ports.ts'
import { finishedPicture } from '../previews/pictures.ts'
import type { PreviewRules } from '../previews/preview-rules.ts'
import { productName } from '../products/product-names.ts'
import { keys, toBytes } from '../records.ts'
import { type VodNaming, vodFileName } from '../vods/vod-file-name.ts'
import { newVodId } from '../vods/vod-id.ts'
import type { VodNames } from '../vods/vod-names.ts'
import type { RecordingRules } from './recording-rules.ts'
import type { SeenPlaylist } from './session-steps.ts'
import type { Session, Take } from './stream-record.ts'
import { type TakenFile, takenFiles } from './taken-files.ts'

/** A file that is to be made: what makes that durable, and what begins it then. */
export interface Filed {
  readonly writes: readonly JournalWrite[]
  readonly begin: () => void
}

/** What is to be filed of a session. */
export interface Filing {
  readonly session: Session
  readonly takes: readonly Take[]
  readonly playlists: readonly SeenPlaylist[]
  /** The session is over. */
  readonly isOver?: true
}

/** What files takes. */
export interface TakeFilerParts {
  readonly host: Host
  readonly journal: Journal
  readonly names: VodNames
  readonly naming: VodNaming
  readonly rules: RecordingRules
  readonly previews: PreviewRules
  /** Whether HLS goes into a bucket. */
  readonly isHlsUploaded: boolean
  /** Adds a job. */
  prepare(key: string, task: MakeTask): NewJob
  /** Adds a job that tells when a recording is in the bucket. */
  prepareUpload(task: HlsTask): NewJob
}

/** Turns what was taken of a session into jobs, each with a name of its own for its file. */
export class TakeFiler {
  readonly #parts: TakeFilerParts

  constructor(parts: TakeFilerParts) {
    this.#parts = parts
  }

  /** The jobs of some takes; when a session is over, also of the picture that is left of it, and what tells that it is in the bucket. */
  async file(app: string, stream: string, filing: Filing): Promise<Filed[]> {
    const { journal, rules } = this.#parts
    const picture = filing.isOver === true ? this.#picture(app, stream, filing) : undefined
    const filed: Filed[] = [...(picture?.filed ?? []), ...this.#uploads(app, stream, filing)]
    for (const take of filing.takes) {
      const how = { take, session: filing.session, isPerRun: rules.isPerRun(app, stream) }
      const files = takenFiles(journal, app, how, filing.playlists)
      for (const [index, file] of files.entries()) {
        const preview = picture?.name
        filed.push(
          await this.#fileOf(app, stream, { take, session: filing.session, file, isFirst: index === 0, preview }),
        )
      }
    }
    return filed
  }

  /** Files each part of a job by itself, since one file cannot hold them all; the first keeps the name. */
  async split(task: FileTask): Promise<Filed> {
    const { host, names } = this.#parts
    const filed: Filed[] = []
    for (const [index, part] of task.parts.entries()) {
      const isFirst = index === 0
      const file = isFirst ? task.file : await names.take(task.app, task.file)
      const vodId = isFirst ? task.vodId : newVodId(() => host.random())
      const own: FileTask = { ...task, vodId, file, parts: [part] }
      // The job that is split has this key until it is done.
      filed.push(this.#named(own, `${jobKey(own)}/split`))
    }
    const begin = () => {
      for (const each of filed) each.begin()
    }
    return { writes: filed.flatMap(({ writes }) => writes), begin }
  }

  async #fileOf(
    app: string,
    stream: string,
    about: {
      readonly take: Take
      readonly session: Session
      readonly file: TakenFile
      readonly isFirst: boolean
      readonly preview: string | undefined
    },
  ): Promise<Filed> {
    const { host, names, naming } = this.#parts
    const { take, session, file, isFirst, preview } = about
    const { format, fileName, startedAt: startTime } = take
    const { rendition, parts } = file
    const isPart = take.from !== undefined || take.to !== undefined || take.startedAt !== session.startedAt
    const wanted = vodFileName(naming, { app, rendition, extension: format, startTime, fileName })
    const name = await names.take(app, wanted)
    const vodId = isFirst ? take.vodId : newVodId(() => host.random())
    const task: FileTask = {
      ...{ kind: 'file', app, stream, format, vodId, file: name, parts, startTime },
      ...(isPart ? { isPart } : {}),
      ...(preview === undefined ? {} : { preview }),
    }
    return this.#named(task, jobKey(task))
  }

  /** The job, with its name made durable. */
  #named(task: FileTask, key: string): Filed {
    const { names, prepare } = this.#parts
    const { app, file, vodId } = task
    const { writes, begin } = prepare(key, task)
    return {
      writes: [...writes, ...nameWrites(app, file, vodId)],
      begin: () => {
        names.release(app, file)
        begin()
      },
    }
  }

  #uploads(app: string, stream: string, { isOver, playlists }: Filing): Filed[] {
    const { host, isHlsUploaded, prepareUpload } = this.#parts
    if (!isHlsUploaded || isOver !== true) return []
    const endedAt = host.clock.now()
    return playlists.map(({ name }) => prepareUpload({ product: 'hls', app, stream, file: name, endedAt }))
  }

  #picture(app: string, stream: string, { playlists, session }: Filing) {
    const { journal, previews, prepare } = this.#parts
    const task = finishedPicture(journal, previews, { app, stream }, session, playlists)
    if (task === undefined) return undefined
    return { name: task.file, filed: [prepare(jobKey(task), task)] }
  }
}

/** Nothing else gets the name, neither another file that is made nor one that is uploaded. */
export function nameWrites(app: string, name: string, vodId: string): JournalWrite[] {
  return [{ key: keys.vodName(app, name), value: toBytes(vodId) }, productName(app, name)]
}
