import { InputParts } from '../../src/core/making/input-parts.ts'
import type { InputPart } from '../../src/core/making/order.ts'

/** What a recorded playlist is made of, read as one text. */
export function inputParts(playlist: string, text: Uint8Array): readonly InputPart[] {
  const reading = new InputParts(playlist)
  reading.read(text)
  return reading.parts
}
