import { createReadStream } from 'node:fs'
import { mkdir, open, rm, stat } from 'node:fs/promises'
import { StorageError } from '../core/object-store.ts'
import type { BodyContent } from '../core/ports.ts'

/** Makes the folder that files are made in, and removes what a crash left there. Nobody else may use it. */
export async function emptyWorkFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
}

/** Removes a file that was made; one that is not there is no error. */
export async function removeMade(path: string): Promise<void> {
  await rm(path, { force: true })
}

/** Makes the bytes of a file durable. */
export async function syncMade(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A file that was made, as a body; undefined where there is none, or an empty one. */
export async function madeContent(path: string): Promise<BodyContent | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (found === undefined || found.size === 0) return undefined
  const { size } = found
  return { size, path, stream: (start = 0, end = size) => read(path, start, end) }
}

/** Throws StorageError. */
async function* read(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (start >= end) return
  try {
    yield* createReadStream(path, { start, end: end - 1 })
  } catch (cause) {
    throw new StorageError('unavailable', true, { cause })
  }
}
