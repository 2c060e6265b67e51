import { BitReader } from './bit-reader.ts'
import { chromaUnit, cropped } from './crop.ts'
import { nalUnits, unescaped } from './nal-units.ts'
import type { ElementInfo, PictureSize } from './stream-info.ts'
import { skipDisplay } from './video-usability.ts'

const SEQUENCE_PARAMETER_SET = 7
/** Profiles whose parameter sets tell how colours are coded (Rec. ITU-T H.264, section 7.3.2.1.1). */
const WITH_CHROMA = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244])
const ALL_COLOURS = 3
/** Side of a macroblock, in pixels. */
const MACROBLOCK = 16
/** More pictures than this are in no cycle of the picture order. */
const MAX_CYCLE = 255

/** What the first sequence parameter set of an H.264 byte stream tells; undefined where there is none, or it is cut. */
export function h264Info(bytes: Uint8Array): ElementInfo | undefined {
  for (const nal of nalUnits(bytes)) {
    if (((nal[0] ?? 0) & 0x1f) === SEQUENCE_PARAMETER_SET) return parameterSet(unescaped(nal))
  }
  return undefined
}

/** `avc1.PPCCLL`: profile, constraints and level in hexadecimal (RFC 6381 section 3.3). */
export function avcCodec(sampleEntry: string, profile: number, constraints: number, level: number): string {
  return `${sampleEntry}.${[profile, constraints, level].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

function parameterSet(nal: Uint8Array): ElementInfo | undefined {
  const [, profile = 0, constraints = 0, level = 0] = nal
  const bits = new BitReader(nal, 4)
  bits.golomb()
  const chroma = WITH_CHROMA.has(profile) ? chromaFormat(bits) : 1
  bits.golomb()
  skipPictureOrder(bits)
  bits.golomb()
  bits.skip(1)
  const size = shownSize(bits, chroma)
  const frameRate = bits.flag() ? frameRateOf(bits) : undefined
  if (bits.isOver) return undefined
  const codec = avcCodec('avc1', profile, constraints, level)
  return { codec, isVideo: true, size, ...(frameRate === undefined ? {} : { frameRate }) }
}

/** Gives 0 where there are no colours, or each is a picture of its own: then cropping counts in pixels. */
function chromaFormat(bits: BitReader): number {
  const format = bits.golomb()
  const isSeparate = format === ALL_COLOURS && bits.flag()
  bits.golomb()
  bits.golomb()
  bits.skip(1)
  if (bits.flag()) {
    const lists = format === ALL_COLOURS ? 12 : 8
    for (let list = 0; list < lists; list++) if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64)
  }
  return isSeparate ? 0 : format
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8
  for (let index = 0; index < size && last !== 0; index++) last = (last + bits.signedGolomb() + 256) % 256
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.golomb()
  if (type === 0) bits.golomb()
  if (type !== 1) return
  bits.skip(1)
  bits.golomb()
  bits.golomb()
  const cycle = Math.min(bits.golomb(), MAX_CYCLE)
  for (let index = 0; index < cycle; index++) bits.golomb()
}

function shownSize(bits: BitReader, chroma: number): PictureSize {
  const columns = bits.golomb() + 1
  const rows = bits.golomb() + 1
  const isWhole = bits.flag()
  const fields = isWhole ? 1 : 2
  if (!isWhole) bits.skip(1)
  bits.skip(1)
  const coded = { width: columns * MACROBLOCK, height: rows * MACROBLOCK * fields }
  if (!bits.flag()) return coded
  const unit = chromaUnit(chroma)
  return cropped(bits, coded, { width: unit.width, height: unit.height * fields })
}

/**
 * Pictures in a second, two ticks each (annex E.2.1). Where these need not last as long (fixed_frame_rate_flag), that is the most
 * there are, which FRAME-RATE asks for.
 */
function frameRateOf(bits: BitReader): number | undefined {
  skipDisplay(bits)
  if (!bits.flag()) return undefined
  const tick = bits.bits(32)
  const scale = bits.bits(32)
  return tick > 0 ? scale / (2 * tick) : undefined
}
