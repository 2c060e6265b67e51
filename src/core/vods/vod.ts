/** A file that can be watched on demand, with the fields that AMS has (facts of AMS, section 4). */
export interface Vod {
  /** 24 letters and digits. */
  readonly vodId: string
  readonly type: 'streamVod' | 'userVod' | 'uploadedVod'
  /** The stream it was recorded of, with its folder; of imported files their folder's name; else empty. */
  readonly streamId: string
  /** File name without folders. */
  readonly vodName: string
  /** Name below `/:app/streams/`, with folders. */
  readonly file: string
  /** Milliseconds since the epoch. */
  readonly creationDate: number
  /** When what it shows began to be live, in ms since the epoch. */
  readonly startTime: number
  /** Milliseconds. */
  readonly duration: number
  /** Bytes. */
  readonly fileSize: number
  /** Name below `/:app/previews/`. */
  readonly preview?: string
  readonly description?: string
  readonly metadata?: string
  /** Cut at segments: it was begun, or ended, while its stream was live. */
  readonly isPart?: true
  /** Its upload has come to its end; REST does not show it, nor what follows. */
  readonly isUploaded?: true
  /** The folder of this machine that it was taken in from. */
  readonly directory?: string
}
