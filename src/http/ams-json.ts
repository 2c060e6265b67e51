import type { z } from 'zod'
import type { Broadcast, Result, ShownMakeJob } from '../core/management/management.ts'
import { baseName, folderOf } from '../core/upload-path.ts'
import type { Vod } from '../core/vods/vod.ts'
import type { broadcastJson, jobJson, resultJson, vodJson } from './routes/rest/schemas.ts'

type Json<T extends z.ZodType> = z.output<T>

const PART_NOTE = 'Begins or ends within its stream, at the segment next to the request.'

/** A Result in AMS's field order, and nothing else. */
export function toResult({ success, message, dataId, errorId }: Result): Json<typeof resultJson> {
  return { success, message, dataId, errorId }
}

/** A Result of what was not done. */
export function failure(message: string): Json<typeof resultJson> {
  return toResult({ success: false, message, dataId: null, errorId: 0 })
}

/** A stream with AMS's fields. */
export function toBroadcast(broadcast: Broadcast): Json<typeof broadcastJson> {
  const { streamId, status, name, startTime, mp4Enabled, webMEnabled } = broadcast
  const folder = folderOf(streamId).slice(0, -1)
  return {
    streamId,
    status,
    type: 'liveStream',
    publishType: null,
    name,
    description: null,
    category: null,
    metaData: null,
    startTime,
    originAdress: null,
    mp4Enabled,
    webMEnabled,
    mainTrackStreamId: null,
    listenerHookURL: null,
    subFolder: folder === '' ? null : folder,
  }
}

/** A VoD with AMS's fields; every field empty where there is none. */
export function toVod(vod: Vod | undefined): Json<typeof vodJson> {
  return {
    streamName: vod === undefined ? null : baseName(vod.streamId) || vod.vodName,
    vodName: vod?.vodName ?? null,
    streamId: vod?.streamId ?? null,
    creationDate: vod?.creationDate ?? 0,
    startTime: vod?.startTime ?? 0,
    duration: vod?.duration ?? 0,
    fileSize: vod?.fileSize ?? 0,
    filePath: vod === undefined ? null : `streams/${vod.file}`,
    vodId: vod?.vodId ?? null,
    type: vod?.type ?? null,
    previewFilePath: vod?.preview === undefined ? null : `previews/${vod.preview}`,
    processStatus: vod === undefined ? null : 'finished',
    processStartTime: 0,
    processEndTime: 0,
    // AMS's clients know no further field that could say it.
    description: vod?.description ?? (vod?.isPart === true ? PART_NOTE : null),
    metadata: vod?.metadata ?? null,
    latitude: null,
    longitude: null,
    altitude: null,
  }
}

/** A job as the API shows it. */
export function toJob({ id, state, percent, attempts, file, streamId, error }: ShownMakeJob): Json<typeof jobJson> {
  return { id, state, percent, attempts, file, streamId, error: error ?? null }
}
