import { adtsInfo, mpegAudioInfo, sound } from './audio-frames.ts'
import { h264Info } from './h264.ts'
import { hevcInfo } from './hevc.ts'
import type { ElementaryStream } from './program-tables.ts'
import type { ElementInfo } from './stream-info.ts'

/** How an elementary stream is told: it is data that no codec is named for, it is known already, or its bytes have to be read. */
export type StreamReading =
  | { readonly kind: 'data' }
  | { readonly kind: 'known'; readonly info: ElementInfo }
  | { readonly kind: 'read'; readonly from: (bytes: Uint8Array) => ElementInfo | undefined }

const DATA: StreamReading = { kind: 'data' }
const UNKNOWN: StreamReading = { kind: 'known', info: sound(undefined) }
const known = (codec: string): StreamReading => ({ kind: 'known', info: sound(codec) })
const read = (from: (bytes: Uint8Array) => ElementInfo | undefined): StreamReading => ({ kind: 'read', from })

const PRIVATE_DATA = 0x06
/** By `stream_type` (ISO/IEC 13818-1 table 2-34; from 0x80 on ATSC A/53 and SCTE 35). */
const BY_TYPE: ReadonlyMap<number, StreamReading> = new Map([
  [0x03, read(mpegAudioInfo)],
  [0x04, read(mpegAudioInfo)],
  [0x05, DATA],
  [0x0f, read(adtsInfo)],
  [0x15, DATA],
  [0x1b, read(h264Info)],
  [0x24, read(hevcInfo)],
  [0x81, known('ac-3')],
  [0x86, DATA],
  [0x87, known('ec-3')],
])

const REGISTRATION = 0x05
/** By the descriptors of private data (ETSI EN 300 468): sounds, and teletext and subtitles, which are data. */
const BY_DESCRIPTOR: ReadonlyMap<number, StreamReading> = new Map([
  [0x56, DATA],
  [0x59, DATA],
  [0x6a, known('ac-3')],
  [0x7a, known('ec-3')],
])
/** By the name in a registration. */
const BY_REGISTRATION: ReadonlyMap<string, StreamReading> = new Map([
  ['AC-3', known('ac-3')],
  ['EAC3', known('ec-3')],
  ['ID3 ', DATA],
  ['KLVA', DATA],
  ['Opus', known('Opus')],
])

/** How a stream of this type and with these descriptors is told; one of a type that nobody knows may be anything. */
export function readingOf({ type, descriptors }: ElementaryStream): StreamReading {
  return type === PRIVATE_DATA ? privateReading(descriptors) : (BY_TYPE.get(type) ?? UNKNOWN)
}

function privateReading(descriptors: Uint8Array): StreamReading {
  for (let at = 0; at + 2 <= descriptors.length; at += 2 + (descriptors[at + 1] ?? 0)) {
    const tag = descriptors[at] ?? 0
    const name = String.fromCharCode(...descriptors.subarray(at + 2, at + 6))
    const found = tag === REGISTRATION ? BY_REGISTRATION.get(name) : BY_DESCRIPTOR.get(tag)
    if (found !== undefined) return found
  }
  return UNKNOWN
}
