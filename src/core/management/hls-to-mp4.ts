import { streamOf } from '../archive/run-dates.ts'
import { runsOf } from '../archive/runs.ts'
import { JobError } from '../jobs/job.ts'
import type { NewJob } from '../jobs/job-queue.ts'
import { type FileTask, jobKey, type MakeTask } from '../making/task.ts'
import type { PlaylistRecord } from '../playlist-record.ts'
import type { Host, Journal } from '../ports.ts'
import { seen } from '../sessions/session-steps.ts'
import { nameWrites } from '../sessions/take-filer.ts'
import { runParts } from '../sessions/taken-files.ts'
import { type VodNaming, vodFileName } from '../vods/vod-file-name.ts'
import { newVodId } from '../vods/vod-id.ts'
import type { VodNames } from '../vods/vod-names.ts'
import type { Result } from './management.ts'
import { failed, succeeded } from './result.ts'

/** What makes files of recordings when it is asked for. */
export interface HlsToMp4Parts {
  readonly host: Host
  readonly journal: Journal
  readonly names: VodNames
  readonly naming: VodNaming
  record(app: string, name: string): PlaylistRecord | undefined
  /** Adds a job. */
  prepare(key: string, task: MakeTask): NewJob
}

/** Makes an mp4 of all that was recorded of a playlist (AMS's hls-to-mp4). */
export class HlsToMp4 {
  readonly #parts: HlsToMp4Parts

  constructor(parts: HlsToMp4Parts) {
    this.#parts = parts
  }

  /** Begins it; `dataId` is the id that the file will have. `name` is that of the playlist, with or without its extension. */
  async begin(app: string, name: string): Promise<Result> {
    const { host, journal, names, naming, prepare } = this.#parts
    const playlist = name.endsWith('.m3u8') ? name : `${name}.m3u8`
    const record = this.#parts.record(app, playlist)
    if (record?.kind !== 'media' || record.served === undefined) return failed('There is no such recording')
    const { next } = seen(journal, app, playlist, record)
    const startTime = runsOf(journal, app, playlist)[0]?.startedAt ?? host.clock.now()
    const wanted = vodFileName(naming, { app, rendition: playlist, extension: 'mp4', startTime })
    const file = await names.take(app, wanted)
    try {
      const vodId = newVodId(() => host.random())
      const parts = runParts(journal, app, { playlist, from: 0, to: next })
      const task: FileTask = {
        ...{ kind: 'file', app, stream: streamOf(playlist), format: 'mp4', vodId, file, parts, startTime },
      }
      const { writes, begin } = prepare(jobKey(task), task)
      await journal.commit([...writes, ...nameWrites(app, file, vodId)])
      begin()
      return succeeded(vodId)
    } catch (error) {
      if (error instanceof JobError) return failed(error.message)
      throw error
    } finally {
      names.release(app, file)
    }
  }
}
