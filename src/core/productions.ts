import { streamOf } from './archive/run-dates.ts'
import type { Follower } from './follower.ts'
import { JobQueue, type NewJob } from './jobs/job-queue.ts'
import { UPLOAD_JOBS_AT_ONCE } from './limits.ts'
import { MadeWork } from './making/made-work.ts'
import type { Maker } from './making/order.ts'
import { recordedHoles } from './making/recorded-holes.ts'
import { recordedInputs } from './making/recorded-inputs.ts'
import { renamedUpload } from './making/renamed-upload.ts'
import { type MakeTask, type PictureTask, type UploadTask, uploadKey } from './making/task.ts'
import { UploadWork } from './making/upload-work.ts'
import { HlsToMp4 } from './management/hls-to-mp4.ts'
import type { Management } from './management/management.ts'
import { StreamManagement } from './management/stream-management.ts'
import { VodRemovals } from './management/vod-removals.ts'
import { type ReadFolder, VodUploads } from './management/vod-uploads.ts'
import type { BodyFiles, Host, Journal } from './ports.ts'
import { LivePreviews } from './previews/live-previews.ts'
import { PictureNames } from './previews/pictures.ts'
import type { PreviewRules } from './previews/preview-rules.ts'
import type { Products } from './products/products.ts'
import type { Receiver } from './receiver.ts'
import { keys } from './records.ts'
import type { RecordingRules } from './sessions/recording-rules.ts'
import { sessionBegin } from './sessions/session-begin.ts'
import { Sessions } from './sessions/sessions.ts'
import { readStream } from './sessions/stream-record.ts'
import { TakeFiler } from './sessions/take-filer.ts'
import { isOfHeight } from './sessions/taken-files.ts'
import type { StaleRule } from './stale-rule.ts'
import { removeOrphans } from './vods/orphans.ts'
import type { VodNaming } from './vods/vod-file-name.ts'
import { VodNames } from './vods/vod-names.ts'
import { Vods } from './vods/vods.ts'
import type { EventQueue } from './webhooks/stream-event.ts'

/** What files are made of recordings by. */
export interface ProductionsParts {
  readonly host: Host
  readonly journal: Journal
  readonly files: BodyFiles
  readonly receiver: Receiver
  readonly products: Products
  readonly maker: Maker
  readonly events: EventQueue
  readonly stale: StaleRule
  readonly rules: RecordingRules
  readonly naming: VodNaming
  readonly previews: PreviewRules
  /** Whether HLS goes into a bucket. */
  readonly isHlsUploaded: boolean
  /** Files that are made at once. */
  readonly concurrency: number
  /** Largest file that is taken in, in bytes. */
  readonly maxBytes: number
  readonly readFolder: ReadFolder
}

/** What becomes of streams besides HLS: when they are live, the files and pictures that are made of them, and who manages that. */
export class Productions implements Follower {
  readonly vods: Vods
  readonly management: Management
  readonly #parts: ProductionsParts
  readonly #makes: JobQueue<MakeTask>
  readonly #uploads: JobQueue<UploadTask>
  readonly #sessions: Sessions
  readonly #previews: LivePreviews
  readonly #names: VodNames
  readonly #stopping = new AbortController()
  #tidied: Promise<void> = Promise.resolve()

  constructor(parts: ProductionsParts) {
    const { host, journal, receiver, products, rules, previews, concurrency } = parts
    this.#parts = parts
    const random = () => host.random()
    const textOf = receiver.recordings.numbered.bind(receiver.recordings)
    const record = receiver.record.bind(receiver)
    const vods = new Vods(journal)
    const names = new VodNames({ clock: host.clock, journal, products, isPending: receiver.isNamePending })
    this.#names = names
    const isStored = receiver.isStored.bind(receiver)
    const shared = { ...parts, vods, names, record, isStored }
    const renaming = { ...shared, prepareUpload: (task: UploadTask) => this.#prepareUpload(task) }
    const uploadWork = new UploadWork({ ...shared, rename: (...about) => renamedUpload(renaming, ...about) })
    this.#uploads = new JobQueue({
      ...{ host, journal, prefix: keys.uploadJobs, concurrency: UPLOAD_JOBS_AT_ONCE },
      work: uploadWork.work.bind(uploadWork),
    })
    const prepare = (key: string, task: MakeTask) => this.#makes.prepare(key, task)
    const filer = new TakeFiler({ ...shared, prepare, prepareUpload: (task) => this.#prepareUpload(task) })
    const madeWork = this.#madeWork(vods, filer)
    const work = madeWork.work.bind(madeWork)
    this.#makes = new JobQueue({ host, journal, prefix: keys.makeJobs, concurrency, work })
    const pictures = new PictureNames(journal)
    this.#sessions = new Sessions({
      ...{ ...shared, filer },
      begins: (about) => sessionBegin({ rules, previews, pictures, random }, about),
      holes: (app, name, range) => recordedHoles(textOf, app, name, range),
    })
    const make = (id: string, task: PictureTask, signal: AbortSignal) =>
      madeWork.picture(id, task, { signal, progress: () => {} })
    this.#previews = new LivePreviews({ ...shared, rules: previews, make })
    const managed = { ...shared, sessions: this.#sessions, makes: this.#makes, uploads: this.#uploads }
    this.management = new StreamManagement({
      ...managed,
      hlsToMp4: new HlsToMp4({ ...shared, prepare }),
      removals: new VodRemovals(managed),
      vodUploads: new VodUploads(managed),
    })
    this.vods = vods
  }

  #madeWork(vods: Vods, filer: TakeFiler): MadeWork {
    const { receiver } = this.#parts
    const textOf = receiver.recordings.numbered.bind(receiver.recordings)
    return new MadeWork({
      ...{ ...this.#parts, vods },
      inputs: (app, taken) => recordedInputs(textOf, app, taken),
      prepareUpload: (task) => this.#prepareUpload(task),
      split: (task) => filer.split(task),
    })
  }

  #prepareUpload(task: UploadTask): NewJob {
    return this.#uploads.prepare(uploadKey(task), task)
  }

  /** Takes up what was not done when the receiver stopped; when that has recovered, and serves. */
  begin(): void {
    this.#sessions.recover()
    this.#uploads.begin()
    this.#makes.begin()
    const tasks = this.#makes.all().map(({ task }) => task)
    const parts = { ...this.#parts, vods: this.vods, names: this.#names, tasks }
    this.#tidied = removeOrphans(parts, this.#stopping.signal)
  }

  published(app: string, name: string, isEnded: boolean): void {
    this.#sessions.published(app, name, isEnded)
    if (!isEnded) this.#previews.published(app, name)
  }

  isNeeded(app: string, stream: string): boolean {
    const session = readStream(this.#parts.journal, app, stream)?.session
    const isTaken = session !== undefined && (session.takes.length > 0 || session.picture !== undefined)
    const isMeant = ({ task, isFailed }: { task: MakeTask; isFailed?: true }) =>
      isFailed !== true && task.app === app && task.stream === stream
    return isTaken || this.#sessions.isFiling(app, stream) || this.#makes.all().some(isMeant)
  }

  neededFrom(app: string, name: string): number {
    if (this.#sessions.isFiling(app, streamOf(name))) return Number.NEGATIVE_INFINITY
    const session = readStream(this.#parts.journal, app, streamOf(name))?.session
    const takes = session?.takes.filter(({ height }) => isOfHeight(name, height)) ?? []
    const begins = takes.flatMap(({ from }) => from?.[name] ?? session?.playlists[name] ?? [])
    const jobs = this.#makes.all().filter(({ task, isFailed }) => isFailed !== true && task.app === app)
    // What pictures are made of is in a list.
    const parts = jobs.flatMap(({ task }) => (task.kind === 'file' ? task.parts : []))
    const waiting = parts.filter(({ playlist }) => playlist === name).map(({ from }) => from)
    return [...begins, ...waiting].reduce((least, from) => Math.min(least, from), Number.POSITIVE_INFINITY)
  }

  isNameGiven(app: string, name: string): boolean {
    return this.#names.isGiven(app, name)
  }

  /** Begins nothing any more; resolves when nothing runs. What was running begins anew at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const stopped = [this.#sessions.stop(), this.#previews.stop(), this.#makes.stop(), this.#uploads.stop()]
    await Promise.all([...stopped, this.#tidied])
  }
}
