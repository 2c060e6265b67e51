import { type FileHandle, open } from 'node:fs/promises'
import { ReceiverError } from '../core/errors.ts'
import type { BodySource } from '../core/ports.ts'
import { removeMade } from './work-folder.ts'

/** Codes of a file system that has no room. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * Writes a body of known length to a path that nothing is at yet, durably. Throws ReceiverError `request-invalid`, `body-too-large`,
 * what the reading throws, and `disk-full`, `storage-unavailable`; leaves nothing then.
 */
export async function writeResult(path: string, body: BodySource, maxBytes: number): Promise<void> {
  const { declaredBytes } = body
  if (declaredBytes === undefined || declaredBytes === 0) throw new ReceiverError('request-invalid')
  if (declaredBytes > maxBytes) throw new ReceiverError('body-too-large')
  try {
    const file = await open(path, 'wx')
    try {
      await body.read((chunk) => append(file, chunk))
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    await removeMade(path)
    throw asUploadError(error)
  }
}

async function append(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
}

function asUploadError(cause: unknown): ReceiverError {
  if (cause instanceof ReceiverError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return new ReceiverError(FULL.has(code) ? 'disk-full' : 'storage-unavailable', undefined, { cause })
}
