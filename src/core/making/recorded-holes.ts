import type { NumberRange } from '../archive/numbered-text.ts'
import { toBytes } from '../records.ts'
import { type RecordedText, recordedTexts } from './recorded-texts.ts'

const LINE_FEED = 0x0a
const HOLE = toBytes('#EXT-X-GAP\n')

/** How many of some entries of a recording are holes; none where nothing is known of it. */
export async function recordedHoles(
  textOf: RecordedText,
  app: string,
  playlist: string,
  range: NumberRange,
): Promise<number> {
  let holes = 0
  for await (const text of recordedTexts(textOf, app, playlist, range)) if (text !== undefined) holes += holesIn(text)
  return holes
}

/** Its lines that say so; they are not read as text, which would cost several times their bytes. */
function holesIn(text: Uint8Array): number {
  let holes = 0
  for (let end = text.indexOf(LINE_FEED); end >= 0; end = text.indexOf(LINE_FEED, end + 1)) {
    if (HOLE.every((byte, index) => byte === text[end + 1 + index])) holes++
  }
  return holes
}
