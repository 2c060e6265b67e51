import { fragmentedMp4Info } from '../core/codecs/fragmented-mp4.ts'
import { isPackedAudio, packedAudioInfo } from '../core/codecs/packed-audio.ts'
import type { StreamInfo } from '../core/codecs/stream-info.ts'
import { transportStreamInfo } from '../core/codecs/transport-stream.ts'
import { ByteReader } from '../core/containers/byte-reader.ts'
import { fragmentedMp4Span } from '../core/duration/fragmented-mp4.ts'
import { TIMESTAMP_SECONDS, type TimeSpan, transportStreamSpan } from '../core/duration/transport-stream.ts'
import { extensionOf } from '../core/file-kind.ts'
import { MAX_CODEC_BYTES } from '../core/limits.ts'
import type { InputFile, InputPart } from '../core/making/order.ts'
import type { InputBytes } from './input-bytes.ts'

/** How the segments of a part hold their sound and pictures. */
type Container = 'mpegts' | 'mp4' | 'packed'

/** H.265, as a part's codecs name it. */
export const HEVC = 'hvc1'

/** What a part is, as far as its bytes tell. */
export interface ExaminedPart {
  readonly container: Container
  /** Names of its codecs without their profiles; empty where they cannot be told. */
  readonly codecs: readonly string[]
}

/** Packed audio whose frames ffmpeg counts itself, where nobody tells how long it plays; of others it makes no time stamps then. */
const COUNTED = new Set(['aac', 'mp3'])

/** Reads what a part is. Throws what the reading throws. */
export async function examinePart(part: InputPart, bytes: InputBytes): Promise<ExaminedPart> {
  const container = containerOf(part)
  const { codecs } = await infoOf(container, part, bytes)
  return { container, codecs: codecs.map(familyOf) }
}

/** Whether what is in two parts fits into one file as it is. */
export function fitTogether(one: ExaminedPart, other: ExaminedPart): boolean {
  if (one.container !== other.container) return false
  const isUnknown = one.codecs.length === 0 || other.codecs.length === 0
  return isUnknown || one.codecs.join() === other.codecs.join()
}

/**
 * How long a part plays by its own clock, in s, up to where the last of its sound and pictures ends; undefined where ffmpeg tells
 * better. What playlists say is rounded, and what ffmpeg makes of it leaves out that pictures are not decoded in their order, or takes
 * the first fragment for all.
 */
export async function secondsOfPart(part: InputPart, bytes: InputBytes): Promise<number | undefined> {
  const container = containerOf(part)
  const [first, last] = [part.files[0], part.files.at(-1)]
  if (first === undefined || last === undefined) return undefined
  if (container === 'packed') return COUNTED.has(extensionOf(first.stored)) ? undefined : part.seconds
  const begin = await spanOf(part, first, bytes)
  const end = await spanOf(part, last, bytes)
  const isUnknown = begin === undefined || end === undefined
  if (container === 'mp4') return isUnknown ? part.seconds : Math.max(0, end.end - begin.start)
  if (isUnknown) return undefined
  const seconds = end.end - begin.start
  return seconds + Math.round((part.seconds - seconds) / TIMESTAMP_SECONDS) * TIMESTAMP_SECONDS
}

/** MPEG audio, which begins like AAC in RFC 6381's names. */
const MPEG_AUDIO = /^mp4a\.(?:40\.3[234]|69|6B)$/i

/** `avc1` of `avc1.64001f`; H.264 and H.265 have two names each. */
function familyOf(codec: string): string {
  if (MPEG_AUDIO.test(codec)) return 'mp3'
  const [family = ''] = codec.split('.')
  return family === 'hev1' ? HEVC : family === 'avc3' ? 'avc1' : family
}

function containerOf({ init, files }: InputPart): Container {
  if (init !== undefined) return 'mp4'
  return isPackedAudio(extensionOf(files[0]?.stored ?? '')) ? 'packed' : 'mpegts'
}

function infoOf(container: Container, { init, files }: InputPart, bytes: InputBytes): Promise<StreamInfo> {
  const [first] = files
  if (first === undefined) return Promise.resolve({ codecs: [] })
  const read = (file: InputFile) => beginning(bytes.file(file), MAX_CODEC_BYTES)
  return withReader(read(first), (segment) => {
    if (init !== undefined) return withReader(read(init), (head) => fragmentedMp4Info(head, segment))
    if (container === 'packed') return packedAudioInfo(extensionOf(first.stored), segment)
    return transportStreamInfo(segment)
  })
}

function spanOf({ init }: InputPart, file: InputFile, bytes: InputBytes): Promise<TimeSpan | undefined> {
  return withReader(bytes.file(file), (segment) => {
    if (init === undefined) return transportStreamSpan(segment)
    return withReader(bytes.file(init), (head) => fragmentedMp4Span(head, segment))
  })
}

async function withReader<T>(body: AsyncIterable<Uint8Array>, read: (reader: ByteReader) => Promise<T>): Promise<T> {
  const reader = new ByteReader(body)
  try {
    return await read(reader)
  } finally {
    await reader.close()
  }
}

async function* beginning(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let left = size
  for await (const chunk of body) {
    yield chunk.subarray(0, left)
    left -= chunk.length
    if (left <= 0) return
  }
}
