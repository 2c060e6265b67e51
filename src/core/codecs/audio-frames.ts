import type { ElementInfo } from './stream-info.ts'

/** Shortest headers of frames, in bytes: of ADTS without its checksum (ISO/IEC 13818-7), and of MPEG audio (11172-3). */
const ADTS_HEADER_BYTES = 7
const MPEG_HEADER_BYTES = 4
const MPEG_RESERVED_LAYER = 0

/** AAC: `mp4a.40.N`, N being the object type of the first frame. Where that is not at once, another must follow it. */
export function adtsInfo(bytes: Uint8Array): ElementInfo | undefined {
  for (let at = 0; at + ADTS_HEADER_BYTES <= bytes.length; at++) {
    if (!isAdts(bytes, at)) continue
    const next = at + adtsFrameBytes(bytes, at)
    const isCut = at === 0 && next + 1 >= bytes.length
    if (!isCut && !isAdts(bytes, next)) continue
    return sound(`mp4a.40.${((bytes[at + 2] ?? 0) >> 6) + 1}`)
  }
  return undefined
}

function isAdts(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff && ((bytes[at + 1] ?? 0) & 0xf6) === 0xf0
}

function adtsFrameBytes(bytes: Uint8Array, at: number): number {
  const [, , , high = 0, middle = 0, low = 0] = bytes.subarray(at, at + ADTS_HEADER_BYTES)
  return Math.max(ADTS_HEADER_BYTES, ((high & 3) << 11) | (middle << 3) | (low >> 5))
}

/** MPEG audio: `mp4a.40.34` is layer 3 (MP3), `.33` and `.32` are the layers below (ISO/IEC 14496-3, table 1.17). */
export function mpegAudioInfo(bytes: Uint8Array): ElementInfo | undefined {
  for (let at = 0; at + MPEG_HEADER_BYTES <= bytes.length; at++) {
    const second = bytes[at + 1] ?? 0
    const layer = (second >> 1) & 3
    if (bytes[at] === 0xff && (second & 0xe0) === 0xe0 && layer !== MPEG_RESERVED_LAYER)
      return sound(`mp4a.40.${35 - layer}`)
  }
  return undefined
}

/** A sound whose codec has this name. */
export function sound(codec: string | undefined): ElementInfo {
  return { codec, isVideo: false }
}
