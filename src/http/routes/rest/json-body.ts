import type { z } from 'zod'
import { ReceiverError } from '../../../core/errors.ts'
import { PieceBuffer } from '../../../core/piece-buffer.ts'
import type { BodySource } from '../../../core/ports.ts'

/** Largest JSON body, in bytes. */
const MAX_JSON_BYTES = 64 * 1024

/** Reads a JSON body and checks it; an empty one is an empty object. Throws `request-invalid`, `body-too-large`. */
export async function readJson<T extends z.ZodType>(body: BodySource, type: T): Promise<z.output<T>> {
  if ((body.declaredBytes ?? 0) > MAX_JSON_BYTES) throw new ReceiverError('body-too-large')
  const pieces = new PieceBuffer()
  await body.read((chunk) => {
    if (pieces.bytes + chunk.length > MAX_JSON_BYTES) throw new ReceiverError('body-too-large')
    pieces.add(chunk)
    return undefined
  })
  return checked(type, parsed(new TextDecoder().decode(pieces.takeWhole())))
}

function parsed(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ReceiverError('request-invalid', 'The body is not JSON.', { cause })
  }
}

/** A value of a request, checked. Throws `request-invalid` with the name of what is wrong. */
export function checked<T extends z.ZodType>(type: T, value: unknown): z.output<T> {
  const result = type.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new ReceiverError('request-invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
