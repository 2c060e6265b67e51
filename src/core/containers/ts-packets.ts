import type { ByteReader } from './byte-reader.ts'

/** Sizes and marks of ISO/IEC 13818-1, in bytes. */
const PACKET_BYTES = 188
const SYNC_BYTE = 0x47

/** A packet of an MPEG-TS. */
export interface TsPacket {
  readonly pid: number
  /** A section or a PES packet begins in it. */
  readonly isStart: boolean
  /** What it has of its stream; may be empty. */
  readonly payload: Uint8Array
}

/** The next packet; `broken` where something else stands, undefined where the body ends before. */
export async function nextPacket(body: ByteReader): Promise<TsPacket | 'broken' | undefined> {
  const packet = await body.read(PACKET_BYTES)
  if (packet === undefined) return undefined
  const [sync = 0, high = 0, low = 0] = packet
  if (sync !== SYNC_BYTE) return 'broken'
  return { pid: ((high & 0x1f) << 8) | low, isStart: (high & 0x40) !== 0, payload: payloadOf(packet) }
}

function payloadOf(packet: Uint8Array): Uint8Array {
  const [, , , control = 0, adaptationBytes = 0] = packet
  if ((control & 0x10) === 0) return packet.subarray(PACKET_BYTES)
  return packet.subarray((control & 0x20) === 0 ? 4 : 5 + adaptationBytes)
}
