import type { NumberRange } from '../archive/numbered-text.ts'
import { JobError } from '../jobs/job.ts'
import type { TakenPart } from '../sessions/taken-files.ts'
import type { InputPart } from './order.ts'

/** Text of some entries of a recording as a VOD playlist; undefined: nothing is known of the playlist. */
export type RecordedText = (app: string, playlist: string, range: NumberRange) => Promise<Uint8Array | undefined>

/** Reads a VOD playlist into what a file is made of; see `inputParts`. */
export type ReadParts = (playlist: string, text: Uint8Array) => InputPart[]

/** What a file is made of; parts of holes alone are left out. Throws JobError `input-gone`, and those of `readParts`. */
export async function recordedInputs(
  textOf: RecordedText,
  readParts: ReadParts,
  app: string,
  parts: readonly TakenPart[],
): Promise<InputPart[]> {
  const inputs: InputPart[] = []
  let empty: JobError | undefined
  for (const { playlist, from, to } of parts) {
    const text = await textOf(app, playlist, { from, to })
    if (text === undefined) throw new JobError('input-gone', 'The recording was removed.', { retryable: false })
    try {
      inputs.push(...readParts(playlist, text))
    } catch (error) {
      if (!(error instanceof JobError && error.code === 'input-empty')) throw error
      empty = error
    }
  }
  if (inputs.length === 0 && empty !== undefined) throw empty
  return inputs
}
