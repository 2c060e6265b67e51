import type { BitReader } from './bit-reader.ts'

/** The aspect ratio that is written out, in two numbers of 16 bits. */
const EXTENDED_ASPECT = 255

/** Passes over the first part of video usability information, which H.264 (annex E) and H.265 (annex E) have alike. */
export function skipDisplay(bits: BitReader): void {
  if (bits.flag() && bits.bits(8) === EXTENDED_ASPECT) bits.skip(32)
  if (bits.flag()) bits.skip(1)
  if (bits.flag()) {
    bits.skip(4)
    if (bits.flag()) bits.skip(24)
  }
  if (bits.flag()) {
    bits.golomb()
    bits.golomb()
  }
}
