import {
  close,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  type NoParamCallback,
  open,
  read,
  rename,
  type Stats,
  unlink,
  writev,
} from 'node:fs'
import { ReceiverError } from '../core/errors.ts'
import { StorageError } from '../core/object-store.ts'

/** Bytes that one read of a file asks for. */
const READ_BYTES = 64 * 1024

/** A callback call as a promise. Handles of fs/promises cost about twice the CPU per call; these lie on the hot path. */
function call(run: (done: NoParamCallback) => void): Promise<void> {
  return new Promise((resolve, reject) => run((error) => (error === null ? resolve() : reject(error))))
}

/** Opens a file and gives its descriptor. */
export function openFile(path: string, flags: string): Promise<number> {
  return new Promise((resolve, reject) =>
    open(path, flags, 0o644, (error, fd) => (error ? reject(error) : resolve(fd))),
  )
}

/** Writes all chunks at the end of what was written before. */
export async function writeAll(fd: number, chunks: readonly Uint8Array[]): Promise<void> {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const written = await new Promise<number>((resolve, reject) =>
    writev(fd, chunks, (error, bytes) => (error ? reject(error) : resolve(bytes))),
  )
  if (written === size) return
  // A short write is rare (a signal, a nearly full disk): go on with the rest.
  await writeAll(fd, [Buffer.concat(chunks).subarray(written)])
}

/** Closes a file; its descriptor stands for nothing then. */
export const closeFile = (fd: number): Promise<void> => call((done) => close(fd, done))
/** Makes the bytes of a file durable. */
export const syncFile = (fd: number): Promise<void> => call((done) => fdatasync(fd, done))
/** Cuts a file to a size. */
export const truncateFile = (fd: number, size: number): Promise<void> => call((done) => ftruncate(fd, size, done))
/** Renames a file; one that has the new name is replaced. */
export const renameFile = (from: string, to: string): Promise<void> => call((done) => rename(from, to, done))

/** Removes a file; one that is not there is no error. */
export async function removeFile(path: string): Promise<void> {
  await call((done) => unlink(path, done)).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error
  })
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const fd = await openFile(path, 'r')
  try {
    await call((done) => fsync(fd, done))
  } finally {
    await closeFile(fd)
  }
}

/** Size and time of an open file; null when it is none. */
export async function headOf(fd: number): Promise<{ size: number; modifiedAt: number } | null> {
  const found = await new Promise<Stats>((resolve, reject) =>
    fstat(fd, (error, stats) => (error === null ? resolve(stats) : reject(error))),
  )
  return found.isFile() ? { size: found.size, modifiedAt: found.mtimeMs } : null
}

/**
 * The bytes of an open file from `start` up to and without `end`. It closes the file at the end, or when they are no longer
 * wanted; not a generator, since one that was never started would not.
 */
export function readOpenFile(fd: number, start: number, end: number): AsyncIterableIterator<Uint8Array> {
  let at = start
  let isOpen = true
  const finish = async (): Promise<IteratorReturnResult<undefined>> => {
    if (isOpen) {
      isOpen = false
      await closeFile(fd)
    }
    return { done: true, value: undefined }
  }
  return {
    async next() {
      if (!isOpen || at >= end) return finish()
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at))
      const bytes = await readAt(fd, chunk, at).catch(async (error: unknown) => {
        await finish()
        throw asStorageError(error)
      })
      if (bytes === 0) {
        await finish()
        throw asStorageError(new Error('the file is shorter than it was'))
      }
      at += bytes
      return { done: false, value: chunk.subarray(0, bytes) }
    },
    return: finish,
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function readAt(fd: number, into: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) =>
    read(fd, into, 0, into.length, at, (error, count) => (error === null ? resolve(count) : reject(error))),
  )
}

/** The system's error code, as in `ENOENT`; empty for other errors. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** A file system's error as the core knows it. */
export function asStorageError(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause
  return new StorageError(FULL.has(errorCode(cause)) ? 'full' : 'unavailable', true, { cause })
}

/** The same for a body on its way in. */
export function asUploadError(cause: unknown): ReceiverError {
  if (cause instanceof ReceiverError) return cause
  return new ReceiverError(FULL.has(errorCode(cause)) ? 'disk-full' : 'storage-unavailable', undefined, { cause })
}
