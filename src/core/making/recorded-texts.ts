import type { NumberedText, NumberRange } from '../archive/numbered-text.ts'

/** Text of the first of some entries of a recording as a VOD playlist; undefined: nothing is known of the playlist. */
export type RecordedText = (app: string, playlist: string, range: NumberRange) => Promise<NumberedText | undefined>

/** The texts of all of them, one after the other; ends with undefined where nothing is known of the playlist any more. */
export async function* recordedTexts(
  textOf: RecordedText,
  app: string,
  playlist: string,
  { from, to }: NumberRange,
): AsyncGenerator<Uint8Array | undefined> {
  for (let next: number | undefined = from; next !== undefined; ) {
    const text: NumberedText | undefined = await textOf(app, playlist, { from: next, to })
    yield text?.bytes
    next = text?.next
  }
}
