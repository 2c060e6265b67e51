import { MAX_BOX_BYTES, MAX_BOX_DEPTH } from '../limits.ts'
import type { ByteReader } from './byte-reader.ts'

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'mvex', 'moof', 'traf'])

/** A box of ISO/IEC 14496-12 without its header. */
export interface Box {
  readonly type: string
  readonly body: DataView
}

/** The boxes below those of type `outer`, in order and one of these at a time; what stands beside them is passed over. */
export async function* boxesOf(reader: ByteReader, outer: string): AsyncGenerator<Box> {
  for (;;) {
    const header = await reader.read(8)
    if (header === undefined) return
    const { type, size, headerBytes } = headOf(viewOf(header), await largeSize(reader, header))
    if (size < headerBytes) return
    const bodyBytes = size - headerBytes
    if (type === outer && bodyBytes <= MAX_BOX_BYTES) {
      const body = await reader.read(bodyBytes)
      if (body === undefined) return
      yield* boxesIn(viewOf(body), 1)
    } else if (!(await reader.skip(bodyBytes))) return
  }
}

/** A size of 1 means that the size follows, in 64 bits. */
async function largeSize(reader: ByteReader, header: Uint8Array): Promise<number | undefined> {
  if (u32(viewOf(header), 0) !== 1) return undefined
  const size = await reader.read(8)
  return size === undefined ? 0 : Number(viewOf(size).getBigUint64(0))
}

function headOf(header: DataView, large: number | undefined): { type: string; size: number; headerBytes: number } {
  return { type: fourCc(header, 4), size: large ?? u32(header, 0), headerBytes: large === undefined ? 8 : 16 }
}

/** The boxes of a body, those of its containers in their place; containers deeper than MAX_BOX_DEPTH are not looked into. */
export function boxesIn(view: DataView, depth = MAX_BOX_DEPTH): Box[] {
  const found: Box[] = []
  let at = 0
  while (at + 8 <= view.byteLength) {
    const { type, size } = headOf(part(view, at, at + 8), undefined)
    if (size < 8 || at + size > view.byteLength) return found
    const body = part(view, at + 8, at + size)
    if (!CONTAINERS.has(type) || depth >= MAX_BOX_DEPTH) found.push({ type, body })
    else for (const box of boxesIn(body, depth + 1)) found.push(box)
    at += size
  }
  return found
}

/** Four characters at an offset; those behind the end are U+0000. */
export function fourCc(view: DataView, at: number): string {
  return String.fromCharCode(u8(view, at), u8(view, at + 1), u8(view, at + 2), u8(view, at + 3))
}

/** What a box does not have counts as 0. */
export function u8(view: DataView, at: number): number {
  return at < view.byteLength ? view.getUint8(at) : 0
}

/** Sixteen bits, 0 behind the end. */
export function u16(view: DataView, at: number): number {
  return at + 2 <= view.byteLength ? view.getUint16(at) : 0
}

/** Thirty-two bits, 0 behind the end. */
export function u32(view: DataView, at: number): number {
  return at + 4 <= view.byteLength ? view.getUint32(at) : 0
}

/** The bytes from `start` up to and without `end`, both within the view. */
export function part(view: DataView, start: number, end: number): DataView {
  return new DataView(view.buffer, view.byteOffset + start, end - start)
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
