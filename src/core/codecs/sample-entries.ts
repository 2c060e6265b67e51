import { type Box, boxesIn, part, u8, u16 } from '../containers/mp4-boxes.ts'
import { MAX_ELEMENTARY_STREAMS } from '../limits.ts'
import { sound } from './audio-frames.ts'
import { elementaryCodec } from './elementary-descriptor.ts'
import { avcCodec } from './h264.ts'
import { hevcCodec } from './hevc.ts'
import type { ElementInfo } from './stream-info.ts'

/** Where the entries of an `stsd` begin, and where their own boxes do, in bytes (ISO/IEC 14496-12 sections 8.5.2 and 12). */
const ENTRIES_AT = 8
const VISUAL_BOXES_AT = 78
const AUDIO_BOXES_AT = 28
/** Of a visual sample entry. */
const WIDTH_AT = 24
const HEIGHT_AT = 26

/** The box that says how pictures are coded, and the codec's name by it, for each visual sample entry that is known. */
const PICTURES: ReadonlyMap<
  string,
  readonly [box: string, codec: (entry: string, box: DataView) => string | undefined]
> = new Map([
  ['avc1', ['avcC', avc]],
  ['avc3', ['avcC', avc]],
  ['hvc1', ['hvcC', hevc]],
  ['hev1', ['hvcC', hevc]],
  ['av01', ['av1C', av1]],
  ['vp09', ['vpcC', vp9]],
])
/** Sample entries of sound whose name is that of the codec. */
const SOUNDS = new Set(['Opus', 'ac-3', 'ec-3', 'fLaC'])

/** What the sample entries of a track tell (the body of its `stsd`). */
export function sampleEntries(description: DataView, isVideo: boolean): ElementInfo[] {
  const entries = boxesIn(part(description, Math.min(ENTRIES_AT, description.byteLength), description.byteLength))
  return entries.slice(0, MAX_ELEMENTARY_STREAMS).map((entry) => (isVideo ? picture(entry) : sound(soundCodec(entry))))
}

function picture({ type, body }: Box): ElementInfo {
  const [box = '', codecOf] = PICTURES.get(type) ?? []
  const description = boxOf(body, VISUAL_BOXES_AT, box)
  const codec = description === undefined ? undefined : codecOf?.(type, description)
  return { codec, isVideo: true, size: { width: u16(body, WIDTH_AT), height: u16(body, HEIGHT_AT) } }
}

function soundCodec({ type, body }: Box): string | undefined {
  if (SOUNDS.has(type)) return type
  const description = type === 'mp4a' ? boxOf(body, AUDIO_BOXES_AT, 'esds') : undefined
  return description === undefined ? undefined : elementaryCodec(description)
}

function boxOf(entry: DataView, at: number, type: string): DataView | undefined {
  if (at > entry.byteLength) return undefined
  return boxesIn(part(entry, at, entry.byteLength)).find((box) => box.type === type)?.body
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3). */
function avc(entry: string, box: DataView): string | undefined {
  return box.byteLength < 4 ? undefined : avcCodec(entry, u8(box, 1), u8(box, 2), u8(box, 3))
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3). */
function hevc(entry: string, box: DataView): string | undefined {
  return hevcCodec(entry, new Uint8Array(box.buffer, box.byteOffset, box.byteLength).subarray(1, 13))
}

/** AV1CodecConfigurationRecord: `av01.P.LLT.DD` (AV1 in ISOBMFF, section 5). */
function av1(entry: string, box: DataView): string | undefined {
  if (box.byteLength < 4) return undefined
  const [levels, flags] = [u8(box, 1), u8(box, 2)]
  const depth = (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12
  return `${entry}.${levels >> 5}.${two(levels & 0x1f)}${(flags & 0x80) === 0 ? 'M' : 'H'}.${two(depth)}`
}

/** VPCodecConfigurationRecord behind version and flags: `vp09.PP.LL.DD` (VP codecs in ISOBMFF). */
function vp9(entry: string, box: DataView): string | undefined {
  if (box.byteLength < 7) return undefined
  return `${entry}.${two(u8(box, 4))}.${two(u8(box, 5))}.${two(u8(box, 6) >> 4)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
