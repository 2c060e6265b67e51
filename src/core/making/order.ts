import type { Attempt } from '../jobs/job-queue.ts'
import type { ByteRange } from '../object-store.ts'
import type { BodyContent } from '../ports.ts'

/** What a recording is made into. */
export type RecordingFormat = 'mp4' | 'webm'
/** What a picture of it is made as. */
export type PictureFormat = 'png' | 'jpg' | 'webp'

/** A file that this receiver serves, or a range of it. */
export interface InputFile {
  readonly stored: string
  readonly range?: ByteRange
  /** What it is encrypted with (AES-128, RFC 8216 section 5.2): the stored name of the key, and the vector as 32 hex digits. */
  readonly key?: { readonly stored: string; readonly iv: string }
}

/** Segments that follow each other without a discontinuity. */
export interface InputPart {
  /** The media initialization section, where they need one. */
  readonly init?: InputFile
  readonly files: readonly InputFile[]
  /** How long it plays, in s, holes with it. */
  readonly seconds: number
}

/** What is to be made of which input; nothing in it came from outside unread. */
export interface MakeOrder {
  /** The job's. */
  readonly id: string
  readonly app: string
  readonly format: RecordingFormat | PictureFormat
  /** Lines of a picture; absent: as many as the video has. */
  readonly height?: number
  /** Of a picture, from 1 to 100; only jpg and webp. */
  readonly quality?: number
  readonly parts: readonly InputPart[]
}

/** A file that was made. */
export interface MadeFile {
  /** With its `path`, where it lies on this machine. */
  readonly content: BodyContent
  /** How long it plays, in ms; of a picture 0. */
  readonly durationMs: number
  /** Removes it from where it was made, once it is where it belongs. */
  remove(): Promise<void>
}

/** What makes files of recordings: ffmpeg on this machine, or workers elsewhere. */
export interface Maker {
  /** Throws JobError; leaves nothing then. */
  make(order: MakeOrder, attempt: Attempt): Promise<MadeFile>
}

/** Reads a file that this receiver serves, or a range of it. Throws ReceiverError `not-found`, `storage-unavailable`. */
export type ReadInput = (app: string, stored: string, range?: ByteRange) => AsyncIterable<Uint8Array>
