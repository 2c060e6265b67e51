import type { ProductKind } from '../products/products.ts'
import type { TakenPart } from '../sessions/taken-files.ts'
import type { PictureFormat, RecordingFormat } from './order.ts'

/** A file is to be made of parts of recordings. */
export interface FileTask {
  readonly kind: 'file'
  readonly app: string
  /** With its folder. */
  readonly stream: string
  readonly format: RecordingFormat
  readonly vodId: string
  /** Its name below the streams folder, which nothing else gets. */
  readonly file: string
  readonly parts: readonly TakenPart[]
  /** When what it shows began to be live, in ms since the epoch. */
  readonly startTime: number
  /** It was begun, or ended, while its stream was live. */
  readonly isPart?: true
  /** Name of the picture that shows what it is, below the previews folder. */
  readonly preview?: string
}

/** A picture is to be made of the end of a part. */
export interface PictureTask {
  readonly kind: 'picture'
  readonly app: string
  readonly stream: string
  readonly format: PictureFormat
  /** Below the previews folder. */
  readonly file: string
  readonly part: TakenPart
}

/** What is to be made. */
export type MakeTask = FileTask | PictureTask

/** A file that was made is to be brought to the bucket. */
export interface ProductTask {
  readonly product: ProductKind
  readonly app: string
  readonly stream: string
  readonly file: string
  /** Of a VoD. */
  readonly vodId?: string
}

/** The recording of a playlist is on its way to the bucket: that it is there is to be told. */
export interface HlsTask {
  readonly product: 'hls'
  readonly app: string
  readonly stream: string
  /** The playlist. */
  readonly file: string
  /** When its session was over, in ms since the epoch. */
  readonly endedAt: number
}

/** Something is to be in the bucket. */
export type UploadTask = ProductTask | HlsTask

/** The key by which the job of a task is told from others. */
export function jobKey({ app, kind, file }: MakeTask): string {
  return `${app}/${kind}/${file}`
}

/** The key by which the job of a task is told from others. */
export function uploadKey(task: UploadTask): string {
  const { app, product, file } = task
  return `${app}/${product}/${file}${task.product === 'hls' ? `/${task.endedAt}` : ''}`
}
