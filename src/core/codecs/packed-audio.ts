import { ByteReader } from '../containers/byte-reader.ts'
import { MAX_CODEC_BYTES, MAX_PARAMETER_BYTES } from '../limits.ts'
import { adtsInfo, mpegAudioInfo, sound } from './audio-frames.ts'
import { type ElementInfo, type StreamInfo, streamInfo, UNKNOWN_STREAM } from './stream-info.ts'

const ID3_HEADER_BYTES = 10
/** First two bytes of each frame of AC-3 and E-AC-3 (ETSI TS 102 366). */
const AC3_SYNC = [0x0b, 0x77]

/** How the sound of a segment is read that has no container, by its extension (RFC 8216bis section 3.1.3). */
const READERS: ReadonlyMap<string, (bytes: Uint8Array) => ElementInfo | undefined> = new Map([
  ['aac', adtsInfo],
  ['mp3', mpegAudioInfo],
  ['ac3', (bytes: Uint8Array) => (isAc3(bytes) ? sound('ac-3') : undefined)],
  ['ec3', (bytes: Uint8Array) => (isAc3(bytes) ? sound('ec-3') : undefined)],
])

/** Whether segments with this extension are sound without a container. */
export function isPackedAudio(extension: string): boolean {
  return READERS.has(extension)
}

/** What a segment of packed audio tells, behind the ID3 tags it begins with. */
export async function packedAudioInfo(extension: string, segment: ByteReader): Promise<StreamInfo> {
  let bytes = await segment.read(ID3_HEADER_BYTES)
  for (let tagged = 0; bytes !== undefined && isId3(bytes) && tagged < MAX_CODEC_BYTES; ) {
    const tag = id3Bytes(bytes)
    tagged += ID3_HEADER_BYTES + tag
    bytes = (await segment.skip(tag)) ? await segment.read(ID3_HEADER_BYTES) : undefined
  }
  if (bytes === undefined) return UNKNOWN_STREAM
  const found = READERS.get(extension)?.(await withMore(bytes, segment))
  return found === undefined ? UNKNOWN_STREAM : streamInfo([found])
}

/** The bytes of a segment of packed audio without the ID3 tags it begins with, which not every demuxer passes over. */
export async function* withoutTags(segment: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(segment)
  try {
    let bytes = await reader.readUpTo(ID3_HEADER_BYTES)
    while (bytes.length === ID3_HEADER_BYTES && isId3(bytes)) {
      if (!(await reader.skip(id3Bytes(bytes)))) return
      bytes = await reader.readUpTo(ID3_HEADER_BYTES)
    }
    for (; bytes.length > 0; bytes = await reader.readUpTo(MAX_PARAMETER_BYTES)) yield bytes
  } finally {
    await reader.close()
  }
}

async function withMore(head: Uint8Array, segment: ByteReader): Promise<Uint8Array> {
  const more = await segment.readUpTo(MAX_PARAMETER_BYTES)
  const bytes = new Uint8Array(head.length + more.length)
  bytes.set(head)
  bytes.set(more, head.length)
  return bytes
}

function isId3([one, two, three]: Uint8Array): boolean {
  return one === 0x49 && two === 0x44 && three === 0x33
}

/** Size of a tag behind its header: four bytes of seven bits (ID3v2, section 3.1). */
function id3Bytes(header: Uint8Array): number {
  return header.subarray(6, ID3_HEADER_BYTES).reduce((size, byte) => size * 128 + (byte & 0x7f), 0)
}

function isAc3(bytes: Uint8Array): boolean {
  return AC3_SYNC.every((byte, index) => bytes[index] === byte)
}
