import type { JobQueue } from '../jobs/job-queue.ts'
import type { MakeTask, UploadTask } from '../making/task.ts'
import type { BodySource, Host, Journal } from '../ports.ts'
import { keys, toText } from '../records.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { NEW_STREAM, readStream, type StreamRecord } from '../sessions/stream-record.ts'
import { baseName } from '../upload-path.ts'
import type { Vod } from '../vods/vod.ts'
import type { Vods } from '../vods/vods.ts'
import type { HlsToMp4 } from './hls-to-mp4.ts'
import type { Broadcast, ListQuery, Management, RecordingQuery, Result, ShownMakeJob } from './management.ts'
import { switchRecording } from './recording-switch.ts'
import { failed } from './result.ts'
import type { VodRemovals } from './vod-removals.ts'
import type { VodUploads } from './vod-uploads.ts'

/** What is managed over REST. */
export interface StreamManagementParts {
  readonly host: Host
  readonly journal: Journal
  readonly sessions: Sessions
  readonly vods: Vods
  readonly makes: JobQueue<MakeTask>
  readonly uploads: JobQueue<UploadTask>
  readonly hlsToMp4: HlsToMp4
  readonly removals: VodRemovals
  readonly vodUploads: VodUploads
}

/** What can be managed of streams and their files, as AMS's REST service has it. */
export class StreamManagement implements Management {
  readonly #parts: StreamManagementParts

  constructor(parts: StreamManagementParts) {
    this.#parts = parts
  }

  broadcast(app: string, id: string): Broadcast | undefined {
    const record = readStream(this.#parts.journal, app, id)
    return record && shown(id, record)
  }

  broadcasts(app: string, query: ListQuery): readonly Broadcast[] {
    const found = this.#matching(app, query.search)
    found.sort(query.sortBy === 'date' ? (one, other) => one.startTime - other.startTime : byId)
    if (query.orderBy === 'desc') found.reverse()
    return found.slice(query.offset, query.offset + query.size)
  }

  broadcastCount(app: string, search?: string): number {
    return this.#matching(app, search).length
  }

  async createBroadcast(app: string, id: string, title?: string): Promise<Broadcast> {
    let made = NEW_STREAM
    await this.#parts.sessions.inTurn(app, id, ({ record }) => {
      made = record ?? { ...NEW_STREAM, ...(title === undefined ? {} : { title }) }
      return record === undefined ? { record: made } : undefined
    })
    return shown(id, made)
  }

  switchRecording(app: string, stream: string, isOn: boolean, query: RecordingQuery): Promise<Result> {
    return switchRecording(this.#parts, { app, stream }, isOn, query)
  }

  async hlsToMp4(app: string, name: string, { deleteHls }: { readonly deleteHls: boolean }): Promise<Result> {
    if (deleteHls) return failed('deleteHLSFiles is not done here: DELETE_HLS_FILES_ON_ENDED is')
    return this.#parts.hlsToMp4.begin(app, name)
  }

  vod(app: string, vodId: string): Vod | undefined {
    return this.#parts.vods.find(app, vodId)
  }

  vods(app: string, query: ListQuery): readonly Vod[] {
    return this.#parts.vods.list(app, query)
  }

  vodCount(app: string, search?: string): number {
    return this.#parts.vods.count(app, search)
  }

  removeVod(app: string, vodId: string): Promise<Result> {
    return this.#parts.removals.remove(app, vodId)
  }

  createVod(app: string, name: string, body: BodySource, metadata?: () => string | undefined): Promise<Result> {
    return this.#parts.vodUploads.take(app, name, body, metadata)
  }

  importFolder(app: string, directory: string): Promise<Result> {
    return this.#parts.vodUploads.importFolder(app, directory)
  }

  unlinkFolder(app: string, directory: string): Promise<Result> {
    return this.#parts.removals.unlinkFolder(app, directory)
  }

  jobs(app: string): readonly ShownMakeJob[] {
    return [...this.#parts.makes.all(), ...this.#parts.uploads.all()]
      .filter(({ task }) => task.app === app)
      .map(({ id, state, percent, attempts, task, error }) => ({
        ...{ id, state, percent, attempts, file: task.file, streamId: task.stream },
        ...(error === undefined ? {} : { error }),
      }))
  }

  async cancelJob(app: string, id: string): Promise<boolean> {
    for (const queue of [this.#parts.makes, this.#parts.uploads]) {
      const isOwn = queue.all().some((job) => job.id === id && job.task.app === app)
      if (isOwn) return queue.cancel(id)
    }
    return false
  }

  #matching(app: string, search = ''): Broadcast[] {
    const prefix = keys.streamsOf(app)
    const all = [...this.#parts.journal.entries(prefix)].map(([key, value]) =>
      shown(key.slice(prefix.length), JSON.parse(toText(value)) as StreamRecord),
    )
    const wanted = search.toLowerCase()
    return wanted === '' ? all : all.filter(({ streamId }) => streamId.toLowerCase().includes(wanted))
  }
}

function shown(streamId: string, { session, startedAt, mp4, webm, title }: StreamRecord): Broadcast {
  const status = session !== undefined ? 'broadcasting' : startedAt > 0 ? 'finished' : 'created'
  return {
    ...{ streamId, name: title ?? baseName(streamId), status, startTime: startedAt },
    ...{ mp4Enabled: mp4, webMEnabled: webm },
  }
}

function byId(one: Broadcast, other: Broadcast): number {
  return one.streamId < other.streamId ? -1 : 1
}
