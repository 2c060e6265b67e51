import { u8 } from '../containers/mp4-boxes.ts'

/** Tags of descriptors in an `esds` (ISO/IEC 14496-1 section 7.2.2). */
const ELEMENTARY_STREAM = 0x03
const DECODER_CONFIG = 0x04
const DECODER_SPECIFIC = 0x05
/** Behind version and flags. */
const FIRST_AT = 4
/** Fields of a decoder configuration before what it has for the decoder, in bytes. */
const CONFIG_BYTES = 13
const MAX_LENGTH_BYTES = 4
const AAC = 0x40
const ESCAPED_TYPE = 31

/** `mp4a.40.N` of AAC, N being its object type, or `mp4a.OO` of another sound (RFC 6381 section 3.3); undefined where it is not told. */
export function elementaryCodec(esds: DataView): string | undefined {
  const stream = descriptorAt(esds, FIRST_AT, ELEMENTARY_STREAM)
  const config = stream === undefined ? undefined : descriptorAt(esds, behindStreamFields(esds, stream), DECODER_CONFIG)
  const kind = config === undefined ? 0 : u8(esds, config)
  if (config === undefined || kind === 0) return undefined
  if (kind !== AAC) return `mp4a.${kind.toString(16).padStart(2, '0').toUpperCase()}`
  const specific = descriptorAt(esds, config + CONFIG_BYTES, DECODER_SPECIFIC)
  const type = specific === undefined ? 0 : objectType(u8(esds, specific), u8(esds, specific + 1))
  return type === 0 ? undefined : `mp4a.40.${type}`
}

/** Where the fields of the descriptor at an offset begin; undefined where it has another tag. */
function descriptorAt(esds: DataView, at: number, tag: number): number | undefined {
  if (at >= esds.byteLength || u8(esds, at) !== tag) return undefined
  let length = at + 1
  while ((u8(esds, length) & 0x80) !== 0 && length < at + MAX_LENGTH_BYTES) length++
  return length + 1
}

/** An id and flags, which tell what else there is. */
function behindStreamFields(esds: DataView, at: number): number {
  const flags = u8(esds, at + 2)
  const url = (flags & 0x40) === 0 ? 0 : 1 + u8(esds, at + 3 + ((flags & 0x80) === 0 ? 0 : 2))
  return at + 3 + ((flags & 0x80) === 0 ? 0 : 2) + url + ((flags & 0x20) === 0 ? 0 : 2)
}

/** The first five bits of an AudioSpecificConfig, or six more (ISO/IEC 14496-3 section 1.6.2.1). */
function objectType(first: number, second: number): number {
  const type = first >> 3
  return type === ESCAPED_TYPE ? 32 + (((first & 7) << 3) | (second >> 5)) : type
}
