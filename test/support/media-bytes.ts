/** Bytes of hexadecimal digits, between which may be spaces. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

/** A box of ISO/IEC 14496-12 with this body, both in hexadecimal. */
export function box(type: string, ...bodies: readonly string[]): string {
  const body = bodies.join('').replaceAll(' ', '')
  return u32(8 + body.length / 2) + Buffer.from(type, 'latin1').toString('hex') + body
}

/** Thirty-two bits in hexadecimal. */
export function u32(value: number): string {
  return value.toString(16).padStart(8, '0')
}

/** So many bytes of zero, in hexadecimal. */
export function zeros(count: number): string {
  return '00'.repeat(count)
}

/** A packet of an MPEG-TS, filled up behind its payload (hexadecimal) with an adaptation field. */
export function tsPacket(pid: number, isStart: boolean, payload: string): string {
  const bytes = payload.replaceAll(' ', '').length / 2
  const head = `47${((isStart ? 0x4000 : 0) | pid).toString(16).padStart(4, '0')}`
  const stuffing = 184 - bytes
  if (stuffing === 0) return `${head}10${payload}`.replaceAll(' ', '')
  const field = stuffing === 1 ? '00' : `${two(stuffing - 1)}00${'ff'.repeat(stuffing - 2)}`
  return `${head}30${field}${payload}`.replaceAll(' ', '')
}

/** A program association that leads to a map of PID 0x100, as the payload of a packet. */
export const ASSOCIATION = `00 00b00d 0001c10000 0001e100 ${zeros(4)}`

/** A program map of these streams: type, PID and descriptors. */
export function programMap(
  ...streams: readonly (readonly [type: number, pid: number, descriptors?: string])[]
): string {
  const entries = streams.map(([type, pid, descriptors = '']) => {
    const length = descriptors.replaceAll(' ', '').length / 2
    return `${two(type)}${(0xe000 | pid).toString(16)}${(0xf000 | length).toString(16)}${descriptors}`
  })
  const body = `0001c10000e100f000${entries.join('')}${zeros(4)}`.replaceAll(' ', '')
  return `02${(0xb000 | (body.length / 2)).toString(16)}${body}`
}

function two(value: number): string {
  return value.toString(16).padStart(2, '0')
}
