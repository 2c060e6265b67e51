import type { BitReader } from './bit-reader.ts'
import { skipDisplay } from './video-usability.ts'

/** Most sets of reference pictures, and pictures of one, that a stream may have (Rec. ITU-T H.265, section 7.4). */
const MAX_REFERENCE_SETS = 64
const MAX_REFERENCES = 32

/**
 * Pictures in a second, by the rest of an H.265 sequence parameter set from `bit_depth_luma_minus8` on (section 7.3.2.2.1);
 * undefined where it does not tell. `subLayers` is its `sps_max_sub_layers_minus1`.
 */
export function hevcFrameRate(bits: BitReader, subLayers: number): number | undefined {
  skipGolombs(bits, 2)
  const orderBits = bits.golomb() + 4
  const layers = bits.flag() ? subLayers + 1 : 1
  skipGolombs(bits, 3 * layers + 6)
  if (bits.flag() && bits.flag()) skipScalingLists(bits)
  bits.skip(2)
  if (bits.flag()) {
    bits.skip(8)
    skipGolombs(bits, 2)
    bits.skip(1)
  }
  if (!skipReferenceSets(bits)) return undefined
  if (bits.flag()) {
    const pictures = Math.min(bits.golomb(), MAX_REFERENCES)
    bits.skip(pictures * (orderBits + 1))
  }
  bits.skip(2)
  return bits.flag() ? timing(bits) : undefined
}

function timing(bits: BitReader): number | undefined {
  skipDisplay(bits)
  bits.skip(1)
  const fields = bits.flag() ? 2 : 1
  bits.skip(1)
  if (bits.flag()) skipGolombs(bits, 4)
  if (!bits.flag()) return undefined
  const tick = bits.bits(32)
  const scale = bits.bits(32)
  return tick > 0 ? scale / tick / fields : undefined
}

function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) skipScalingList(bits, size)
  }
}

function skipScalingList(bits: BitReader, size: number): void {
  if (!bits.flag()) bits.golomb()
  else skipGolombs(bits, Math.min(64, 2 ** (4 + 2 * size)) + (size > 1 ? 1 : 0))
}

/** False where there are more than there may be. */
function skipReferenceSets(bits: BitReader): boolean {
  const sets = bits.golomb()
  if (sets > MAX_REFERENCE_SETS) return false
  let pictures = 0
  for (let set = 0; set < sets; set++) {
    pictures = set > 0 && bits.flag() ? predictedSet(bits, pictures) : writtenSet(bits)
    if (pictures > MAX_REFERENCES) return false
  }
  return true
}

/** A set that is told by the one before; gives how many pictures it has. */
function predictedSet(bits: BitReader, before: number): number {
  bits.skip(1)
  bits.golomb()
  let pictures = 0
  for (let index = 0; index <= before; index++) if (bits.flag() || bits.flag()) pictures++
  return pictures
}

function writtenSet(bits: BitReader): number {
  const pictures = bits.golomb() + bits.golomb()
  for (let index = 0; index < Math.min(pictures, MAX_REFERENCES); index++) {
    bits.golomb()
    bits.skip(1)
  }
  return pictures
}

function skipGolombs(bits: BitReader, count: number): void {
  for (let read = 0; read < count; read++) bits.golomb()
}
