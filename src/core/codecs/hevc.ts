import { BitReader } from './bit-reader.ts'
import { chromaUnit, cropped } from './crop.ts'
import { hevcFrameRate } from './hevc-frame-rate.ts'
import { nalUnits, unescaped } from './nal-units.ts'
import type { ElementInfo } from './stream-info.ts'

const SEQUENCE_PARAMETER_SET = 33
/** Of `general_profile_space` to `general_level_idc`, in bytes, and where they stand in a parameter set. */
const PROFILE_BYTES = 12
const PROFILE_AT = 3
const SPACES = ['', 'A', 'B', 'C']
const ALL_COLOURS = 3

/** What the first sequence parameter set of an H.265 byte stream tells; undefined where there is none, or it is cut. */
export function hevcInfo(bytes: Uint8Array): ElementInfo | undefined {
  for (const nal of nalUnits(bytes)) {
    if ((((nal[0] ?? 0) >> 1) & 0x3f) === SEQUENCE_PARAMETER_SET) return parameterSet(unescaped(nal))
  }
  return undefined
}

/**
 * `hvc1.…` as ISO/IEC 14496-15 (annex E.3) writes it, of the 12 bytes from `general_profile_space` to `general_level_idc`;
 * undefined where there are fewer.
 */
export function hevcCodec(sampleEntry: string, profile: Uint8Array): string | undefined {
  if (profile.length < PROFILE_BYTES) return undefined
  const [first = 0] = profile
  const tier = (first & 0x20) === 0 ? 'L' : 'H'
  const compatible = reversedBits(new BitReader(profile, 1).bits(32)).toString(16)
  const constraints = [...profile.subarray(5, 11)]
  while (constraints.at(-1) === 0) constraints.pop()
  const level = profile[PROFILE_BYTES - 1] ?? 0
  const parts = [`${SPACES[first >> 6] ?? ''}${first & 0x1f}`, compatible, `${tier}${level}`]
  return [sampleEntry, ...parts, ...constraints.map((byte) => byte.toString(16))].join('.')
}

function reversedBits(value: number): number {
  let reversed = 0
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + (Math.floor(value / 2 ** bit) % 2)
  return reversed
}

function parameterSet(nal: Uint8Array): ElementInfo | undefined {
  const bits = new BitReader(nal, 2)
  bits.skip(4)
  const subLayers = bits.bits(3)
  bits.skip(1 + 8 * PROFILE_BYTES)
  skipSubLayers(bits, subLayers)
  bits.golomb()
  const chroma = bits.golomb()
  const isSeparate = chroma === ALL_COLOURS && bits.flag()
  const coded = { width: bits.golomb(), height: bits.golomb() }
  const size = bits.flag() ? cropped(bits, coded, chromaUnit(isSeparate ? 0 : chroma)) : coded
  if (bits.isOver) return undefined
  const frameRate = hevcFrameRate(bits, subLayers)
  // Cut behind the size: more of it may come.
  if (bits.isOver) return undefined
  const codec = hevcCodec('hvc1', nal.subarray(PROFILE_AT, PROFILE_AT + PROFILE_BYTES))
  return { codec, isVideo: true, size, ...(frameRate === undefined ? {} : { frameRate }) }
}

function skipSubLayers(bits: BitReader, count: number): void {
  const present = Array.from({ length: count }, () => ({ hasProfile: bits.flag(), hasLevel: bits.flag() }))
  if (count > 0) bits.skip(2 * (8 - count))
  for (const { hasProfile, hasLevel } of present) bits.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0))
}
