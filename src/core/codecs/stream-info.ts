import { MAX_FRAME_RATE, MAX_PICTURE_SIDE } from '../limits.ts'

/** What is known of how pictures are shown; what could not be read is left out. */
export interface PictureInfo {
  /** Pixels, as far as they are shown. */
  readonly size?: PictureSize
  /** Pictures in a second. */
  readonly frameRate?: number
}

/** Width and height in pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** What the bytes of a rendition tell of it; what could not be read is left out. */
export interface StreamInfo extends PictureInfo {
  /** RFC 6381 names of all that it has, pictures first; empty where one of them is not known. */
  readonly codecs: readonly string[]
}

/** Nothing could be read. */
export const UNKNOWN_STREAM: StreamInfo = { codecs: [] }

/** What was read of one of its elementary streams or tracks. */
export interface ElementInfo extends PictureInfo {
  /** Undefined where it is not known. */
  readonly codec: string | undefined
  readonly isVideo: boolean
}

/** Puts together what was read of each elementary stream. A list of codecs that lacks one would mislead players: then there is none. */
export function streamInfo(elements: readonly ElementInfo[]): StreamInfo {
  const inOrder = [...elements.filter(({ isVideo }) => isVideo), ...elements.filter(({ isVideo }) => !isVideo)]
  const codecs = inOrder.flatMap(({ codec }) => codec ?? [])
  const { size, frameRate } = elements.find(({ isVideo }) => isVideo) ?? {}
  return {
    codecs: codecs.length < elements.length ? [] : [...new Set(codecs)],
    ...(size !== undefined && isPossible(size) ? { size } : {}),
    ...(frameRate !== undefined && frameRate > 0 && frameRate <= MAX_FRAME_RATE ? { frameRate } : {}),
  }
}

function isPossible({ width, height }: PictureSize): boolean {
  return [width, height].every((side) => side > 0 && side <= MAX_PICTURE_SIDE)
}
