import type { JobState } from '../jobs/job.ts'
import type { RecordingFormat } from '../making/order.ts'
import type { BodySource } from '../ports.ts'
import type { Vod } from '../vods/vod.ts'

/** A stream as AMS shows it: whether it is live, and whether it is recorded. */
export interface Broadcast {
  /** With its folder. */
  readonly streamId: string
  readonly name: string
  /** AMS's words; `created` was never live. */
  readonly status: 'broadcasting' | 'finished' | 'created'
  /** When it began to be live last, in ms since the epoch; 0: never. */
  readonly startTime: number
  /** 1 on, -1 off, 0 as the app has it. */
  readonly mp4Enabled: -1 | 0 | 1
  readonly webMEnabled: -1 | 0 | 1
}

/** AMS's answer to a request that changes something (facts of AMS, section 4.1). */
export interface Result {
  readonly success: boolean
  readonly message: string | null
  readonly dataId: string | null
  readonly errorId: number
}

/** How a list is asked for: AMS gives at most 250 at once. */
export interface ListQuery {
  readonly offset: number
  readonly size: number
  readonly sortBy?: string | undefined
  readonly orderBy?: string | undefined
  readonly search?: string | undefined
  readonly streamId?: string | undefined
}

/** What a recording is switched on or off by. */
export interface RecordingQuery {
  readonly format: RecordingFormat
  /** Lines of the rendition; 0: all renditions. */
  readonly height: number
  /** In place of the stream's id in the name of the file; already made safe. */
  readonly fileName?: string | undefined
}

/** A job as it is shown to who manages. */
export interface ShownMakeJob {
  readonly id: string
  readonly state: JobState
  readonly percent: number
  readonly attempts: number
  /** What it makes: the name of the file below the streams or previews folder. */
  readonly file: string
  readonly streamId: string
  /** Stable code and text of the last failure. */
  readonly error?: { readonly code: string; readonly text: string }
}

/** What can be managed of an app's streams and their files over REST. */
export interface Management {
  broadcast(app: string, id: string): Broadcast | undefined
  broadcasts(app: string, query: ListQuery): readonly Broadcast[]
  broadcastCount(app: string, search?: string): number
  /** Makes a stream known before it is live, so that its recording can be switched; `name` is shown in place of its id. */
  createBroadcast(app: string, id: string, name?: string): Promise<Broadcast>
  switchRecording(app: string, id: string, isOn: boolean, query: RecordingQuery): Promise<Result>
  /** Makes an mp4 of all that was recorded of a playlist; `name` without its extension. */
  hlsToMp4(app: string, name: string, options: { readonly deleteHls: boolean }): Promise<Result>
  vod(app: string, vodId: string): Vod | undefined
  vods(app: string, query: ListQuery): readonly Vod[]
  vodCount(app: string, search?: string): number
  removeVod(app: string, vodId: string): Promise<Result>
  /** Takes a file as it is; `name` with its extension. What `metadata` gives is known when the body has been read. */
  createVod(app: string, name: string, body: BodySource, metadata?: () => string | undefined): Promise<Result>
  importFolder(app: string, directory: string): Promise<Result>
  unlinkFolder(app: string, directory: string): Promise<Result>
  jobs(app: string): readonly ShownMakeJob[]
  cancelJob(app: string, id: string): Promise<boolean>
}
