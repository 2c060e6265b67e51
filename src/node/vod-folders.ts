import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { ReceiverError } from '../core/errors.ts'
import type { FolderFile, ReadFolder } from '../core/management/vod-uploads.ts'
import type { Log } from '../core/ports.ts'
import { safePath } from '../core/upload-path.ts'
import { errorCode } from './files.ts'

/** Folders within folders that are looked into. */
const MAX_DEPTH = 8
/** What only ends the reading of one file or folder. */
const PASSED_OVER = new Set(['EACCES', 'EPERM', 'ENOENT', 'ELOOP'])

/** Reads the files below a folder, where that is one of `allowed`, or below one; links are not followed, nor what may not be read. */
export function vodFolders(allowed: readonly string[], log: Log): ReadFolder {
  return async function* read(directory) {
    const root = await realPath(directory)
    const roots = await Promise.all(allowed.map(realPath))
    if (root === undefined || !(await stat(root)).isDirectory()) throw new ReceiverError('not-found')
    if (!roots.some((each) => each !== undefined && isWithin(root, each))) throw new ReceiverError('path-forbidden')
    yield* filesBelow({ root, log }, root, 0)
  }
}

interface Reading {
  readonly root: string
  readonly log: Log
}

async function* filesBelow(reading: Reading, folder: string, depth: number): AsyncGenerator<FolderFile> {
  const { root } = reading
  const entries = await readable(reading, folder, () => readdir(folder, { withFileTypes: true }))
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth < MAX_DEPTH) yield* filesBelow(reading, path, depth + 1)
    const name = entry.isFile() ? nameOf(root, path) : undefined
    const found = name === undefined ? undefined : await readable(reading, path, () => stat(path))
    if (name === undefined || found === undefined) continue
    const { size } = found
    yield { name, content: { size, path, stream: (start = 0, end = size) => bytesOf(path, start, end) } }
  }
}

/** What is read of a path; undefined of one that is gone, or that only others may read. */
async function readable<T>({ log }: Reading, path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (cause) {
    if (!PASSED_OVER.has(errorCode(cause))) throw cause
    log.warn('not listed', { path, cause })
    return undefined
  }
}

/** The path below the folder as a name; undefined where nothing is served under such a name. */
function nameOf(root: string, path: string): string | undefined {
  const parts = relative(root, path).split(sep)
  try {
    return safePath(parts)
  } catch (error) {
    if (error instanceof ReceiverError) return undefined
    throw error
  }
}

async function* bytesOf(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (start < end) yield* createReadStream(path, { start, end: end - 1 })
}

/** The path without links; undefined where there is nothing. */
async function realPath(path: string): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined
  try {
    return await realpath(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}

function isWithin(inner: string, outer: string): boolean {
  return `${inner}${sep}`.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`)
}
