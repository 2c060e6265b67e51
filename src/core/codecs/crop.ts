import type { BitReader } from './bit-reader.ts'
import type { PictureSize } from './stream-info.ts'

/** Four `ue(v)`: how much of a picture is not shown, at the left, right, top and bottom, in units of `unit` pixels. */
export function cropped(bits: BitReader, coded: PictureSize, unit: PictureSize): PictureSize {
  const [left, right, top, bottom] = [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()]
  return {
    width: coded.width - (left + right) * unit.width,
    height: coded.height - (top + bottom) * unit.height,
  }
}

/** Pixels of brightness for one of colour, by `chroma_format_idc` (Rec. ITU-T H.264, table 6-1; H.265, table 6-1). */
export function chromaUnit(format: number): PictureSize {
  return { width: format === 1 || format === 2 ? 2 : 1, height: format === 1 ? 2 : 1 }
}
