import { JobError } from '../jobs/job.ts'
import type { TakenPart } from '../sessions/taken-files.ts'
import { InputParts } from './input-parts.ts'
import type { InputPart } from './order.ts'
import { type RecordedText, recordedTexts } from './recorded-texts.ts'

/** What a file is made of; parts of holes alone are left out. Throws JobError `input-gone`, `input-empty`, and those of InputParts. */
export async function recordedInputs(
  textOf: RecordedText,
  app: string,
  parts: readonly TakenPart[],
): Promise<InputPart[]> {
  const inputs: InputPart[] = []
  for (const { playlist, ...range } of parts) {
    const reading = new InputParts(playlist)
    for await (const text of recordedTexts(textOf, app, playlist, range)) {
      if (text === undefined) throw new JobError('input-gone', 'The recording was removed.', { retryable: false })
      reading.read(text)
    }
    inputs.push(...reading.parts)
  }
  if (inputs.length > 0) return inputs
  throw new JobError('input-empty', 'Nothing was recorded.', { retryable: false })
}
