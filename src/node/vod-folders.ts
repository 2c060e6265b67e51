import { createReadStream } from 'node:fs'
import { opendir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { ReceiverError } from '../core/errors.ts'
import type { FolderFile, ReadFolder } from '../core/management/vod-uploads.ts'
import { safePath } from '../core/upload-path.ts'

/** Folders within folders that are looked into. */
const MAX_DEPTH = 8

/** Reads the files below a folder, where that is one of `allowed`, or below one; links are not followed. */
export function vodFolders(allowed: readonly string[]): ReadFolder {
  return async function* read(directory) {
    const root = await realPath(directory)
    const roots = await Promise.all(allowed.map(realPath))
    if (root === undefined || !(await stat(root)).isDirectory()) throw new ReceiverError('not-found')
    if (!roots.some((each) => each !== undefined && isWithin(root, each))) throw new ReceiverError('path-forbidden')
    yield* filesBelow(root, root, 0)
  }
}

async function* filesBelow(root: string, folder: string, depth: number): AsyncGenerator<FolderFile> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth < MAX_DEPTH) yield* filesBelow(root, path, depth + 1)
    const name = entry.isFile() ? nameOf(root, path) : undefined
    if (name === undefined) continue
    const { size } = await stat(path)
    yield { name, content: { size, path, stream: (start = 0, end = size) => bytesOf(path, start, end) } }
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
