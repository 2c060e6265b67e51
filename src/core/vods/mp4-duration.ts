import { boxesIn, fourCc, u32 } from '../containers/mp4-boxes.ts'
import { MAX_BOXES_PASSED } from '../limits.ts'
import { concat } from '../piece-buffer.ts'
import type { BodyContent } from '../ports.ts'

/** Bytes of the head of a box whose size takes 64 bits. */
const HEAD_BYTES = 16
/** Where the movie header stands in its box, first of all (ISO/IEC 14496-12, section 8.2.2), with room for what may stand before it. */
const MOVIE_HEAD_BYTES = 4_096

/** How long an mp4 or QuickTime file says that it plays, in ms; 0 where it does not say. Reads its heads of boxes, not its media. */
export async function mp4Duration(content: BodyContent): Promise<number> {
  let at = 0
  for (let passed = 0; passed < MAX_BOXES_PASSED && at + 8 <= content.size; passed++) {
    const head = await bytesOf(content, at, HEAD_BYTES)
    const small = u32(head, 0)
    const isLarge = small === 1 && head.byteLength === HEAD_BYTES
    const size = isLarge ? Number(head.getBigUint64(8)) : small
    if (fourCc(head, 4) === 'moov')
      return movieDuration(await bytesOf(content, at + (isLarge ? 16 : 8), MOVIE_HEAD_BYTES))
    if (size < 8) return 0
    at += size
  }
  return 0
}

function movieDuration(movie: DataView): number {
  const header = boxesIn(movie, 1).find(({ type }) => type === 'mvhd')?.body
  if (header === undefined || header.byteLength < 32) return 0
  const isLong = header.getUint8(0) === 1
  const scale = u32(header, isLong ? 20 : 12)
  const duration = isLong ? Number(header.getBigUint64(24)) : u32(header, 16)
  return scale === 0 ? 0 : Math.round((duration * 1_000) / scale)
}

async function bytesOf(content: BodyContent, start: number, count: number): Promise<DataView> {
  const end = Math.min(content.size, start + count)
  const pieces: Uint8Array[] = []
  if (start < end) for await (const piece of content.stream(start, end)) pieces.push(piece)
  const { buffer, byteOffset, byteLength } = concat(pieces)
  return new DataView(buffer, byteOffset, byteLength)
}
