import { ByteReader } from '../containers/byte-reader.ts'
import { extensionOf } from '../file-kind.ts'
import { MAX_CODEC_BYTES } from '../limits.ts'
import type { MediaRange } from '../playlist/scan.ts'
import type { BodyContent } from '../ports.ts'
import { fragmentedMp4Info } from './fragmented-mp4.ts'
import { isPackedAudio, packedAudioInfo } from './packed-audio.ts'
import type { StreamInfo } from './stream-info.ts'
import { transportStreamInfo } from './transport-stream.ts'

/** A body, or the part of it that is meant. */
export interface MediaPart {
  readonly content: BodyContent
  readonly range: MediaRange | undefined
}

/**
 * What a segment tells of its rendition: codecs, size and rate of pictures; `init` is its media initialization section. Reads
 * at most MAX_CODEC_BYTES of each. What these are not is told as nothing; throws only what their contents throw.
 */
export async function segmentInfo(name: string, segment: MediaPart, init: MediaPart | undefined): Promise<StreamInfo> {
  const extension = extensionOf(name)
  if (init !== undefined)
    return withReader(init, (head) => withReader(segment, (body) => fragmentedMp4Info(head, body)))
  if (isPackedAudio(extension)) return withReader(segment, (body) => packedAudioInfo(extension, body))
  return withReader(segment, transportStreamInfo)
}

async function withReader<T>({ content, range }: MediaPart, read: (reader: ByteReader) => Promise<T>): Promise<T> {
  const { start, end } = range ?? { start: 0, end: content.size }
  const last = Math.max(start, Math.min(end, start + MAX_CODEC_BYTES, content.size))
  const reader = new ByteReader(content.stream(start, last))
  try {
    return await read(reader)
  } finally {
    await reader.close()
  }
}
