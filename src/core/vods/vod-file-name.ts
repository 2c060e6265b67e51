import { dateTimeOf } from '../archive/date-time.ts'
import { formatName, parseName } from '../names.ts'
import { baseName, folderOf } from '../upload-path.ts'

/** How the files of recordings are named. */
export interface VodNaming {
  /** Folder below that of the stream (recordingSubfolder), empty or with a slash behind. */
  readonly subfolder: string
  /** Whether the moment at which a recording begins stands in its name (addDateTimeToMp4FileName). */
  isDated(app: string, stream: string): boolean
  /** IANA time zone of that. */
  readonly zone: string
}

/**
 * The name of a file that is made of a rendition, below the streams folder, as AMS has it (facts of AMS, sections 1.2 and 4.2):
 * `stream1_240p500kbps.webm`. `fileName` stands in place of the stream's id.
 */
export function vodFileName(
  naming: VodNaming,
  {
    app,
    rendition,
    extension,
    startTime,
    fileName,
  }: {
    readonly app: string
    /** Name of the rendition's playlist, without a date-time. */
    readonly rendition: string
    readonly extension: string
    /** Milliseconds since the epoch. */
    readonly startTime: number
    readonly fileName?: string | undefined
  },
): string {
  const { stream, height, bitrate } = parseName(baseName(rendition))
  const folder = folderOf(rendition)
  const dateTime = naming.isDated(app, folder + stream) ? dateTimeOf(startTime, naming.zone) : undefined
  const name = formatName({
    stream: fileName ?? stream,
    extension,
    ...(dateTime === undefined ? {} : { dateTime }),
    ...(height === undefined ? {} : { height }),
    ...(bitrate === undefined ? {} : { bitrate }),
  })
  return folder + naming.subfolder + name
}
