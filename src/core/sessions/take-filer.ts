import { runsOf } from '../archive/runs.ts'
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
import { type TakenFile, type TakenPart, takenFiles } from './taken-files.ts'

/** A file that is to be made: what makes that durable, and what begins it then. */
export interface Filed extends NewJob {
  /** Called when it is durable, or could not be made so. */
  readonly release: () => void
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
    const { takes, session, playlists, isOver } = filing
    const picture = isOver === true ? this.#picture(app, stream, filing) : undefined
    const filed = [...(picture?.filed ?? []), ...this.#uploads(app, stream, filing)]
    const isPerRun = rules.isPerRun(app, stream)
    try {
      for (const take of takes) {
        const files = takenFiles(journal, app, { take, session, isPerRun }, playlists)
        for (const [index, file] of files.entries()) {
          const about = { take, session, file, isFirst: index === 0, isPerRun, preview: picture?.name }
          filed.push(...(await this.#fileOf(app, stream, about)))
        }
      }
    } catch (error) {
      for (const { release } of filed) release()
      throw error
    }
    return filed
  }

  /** Files each part of a job by itself, since one file cannot hold them all; the first keeps the name. */
  async split(task: FileTask): Promise<NewJob> {
    const { host, names } = this.#parts
    const filed: Filed[] = []
    for (const [index, part] of task.parts.entries()) {
      const isFirst = index === 0
      const file = isFirst ? task.file : await names.take(task.app, task.file)
      const vodId = isFirst ? task.vodId : newVodId(() => host.random())
      const own: FileTask = { ...task, vodId, file, parts: [part] }
      // The job that is split has this key until it is done.
      filed.push(...this.#named(own, `${jobKey(own)}/split`))
    }
    const begin = () => {
      for (const each of filed) {
        each.release()
        each.begin()
      }
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
      readonly isPerRun: boolean
      readonly preview: string | undefined
    },
  ): Promise<Filed[]> {
    const { host, journal, names, naming } = this.#parts
    const { take, session, file, isFirst, isPerRun, preview } = about
    const { format, fileName, startedAt } = take
    const { rendition, parts } = file
    const isPart = take.from !== undefined || take.to !== undefined || startedAt !== session.startedAt
    const startTime = isPerRun ? Math.max(startedAt, runStart(journal, app, parts[0])) : startedAt
    const wanted = vodFileName(naming, { app, rendition, extension: format, startTime, fileName })
    const name = await names.take(app, wanted)
    const vodId = isFirst ? take.vodId : newVodId(() => host.random())
    return this.#named({
      ...{ kind: 'file', app, stream, format, vodId, file: name, parts, startTime },
      ...(isPart ? { isPart } : {}),
      ...(preview === undefined ? {} : { preview }),
    })
  }

  /** The job, with its name made durable; none where too many wait: what was recorded stays, and can be made into a file later. */
  #named(task: FileTask, key = jobKey(task)): Filed[] {
    const { host, names, prepare } = this.#parts
    const { app, file, vodId } = task
    const release = () => names.release(app, file)
    try {
      const { writes, begin } = prepare(key, task)
      return [{ writes: [...writes, ...nameWrites(app, file, vodId)], begin, release }]
    } catch (cause) {
      release()
      host.log.error('file is not made', { app, file, cause })
      return []
    }
  }

  #uploads(app: string, stream: string, { isOver, playlists }: Filing): Filed[] {
    const { host, isHlsUploaded, prepareUpload } = this.#parts
    if (!isHlsUploaded || isOver !== true) return []
    const endedAt = host.clock.now()
    return playlists.map(({ name }) => ({
      ...prepareUpload({ product: 'hls', app, stream, file: name, endedAt }),
      release: () => {},
    }))
  }

  #picture(app: string, stream: string, { playlists, session }: Filing) {
    const { journal, previews, prepare } = this.#parts
    const task = finishedPicture(journal, previews, { app, stream }, session, playlists)
    if (task === undefined) return undefined
    const job = prepare(`${jobKey(task)}/${session.startedAt}`, task)
    return { name: task.file, filed: [{ ...job, release: () => {} }] }
  }
}

/** Nothing else gets the name, neither another file that is made nor one that is uploaded. */
export function nameWrites(app: string, name: string, vodId: string): JournalWrite[] {
  return [{ key: keys.vodName(app, name), value: toBytes(vodId) }, productName(app, name)]
}

/** When the run of a part began, in ms since the epoch; 0: nobody knows. */
function runStart(journal: Journal, app: string, part: TakenPart | undefined): number {
  if (part === undefined) return 0
  return runsOf(journal, app, part.playlist).findLast(({ number }) => number <= part.from)?.startedAt ?? 0
}
