import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BodyContent, BodyFile, BodyFiles } from '../core/ports.ts'
import {
  asStorageError,
  asUploadError,
  closeFile,
  errorCode,
  openFile,
  readOpenFile,
  removeFile,
  syncFile,
  syncFolder,
  truncateFile,
  writeAll,
} from './files.ts'

/** Large bodies as files under their ids in one folder that exists; with `sync` a finished one survives power loss. */
export function diskBodyFiles(folder: string, sync: boolean): BodyFiles {
  const names = sync ? sharedSync(folder) : () => Promise.resolve()
  const pathOf = (id: string) => join(folder, id)
  return {
    create: (id) => createBodyFile(pathOf(id), sync, names),
    at: (id, size) => fileContent(pathOf(id), size),
    open: (id) => openBody(pathOf(id)),
    list: () => readdir(folder),
    truncate: (id, size) => truncateBody(pathOf(id), size, sync),
    async remove(ids) {
      await Promise.all(ids.map((id) => removeFile(pathOf(id))))
    },
  }
}

async function createBodyFile(path: string, sync: boolean, syncNames: () => Promise<void>): Promise<BodyFile> {
  const fd = await openFile(path, 'wx').catch((error: unknown) => {
    throw asUploadError(error)
  })
  let isOpen = true
  const close = async () => {
    if (!isOpen) return
    isOpen = false
    await closeFile(fd)
  }
  return {
    async write(chunks) {
      await writeAll(fd, chunks).catch((error: unknown) => {
        throw asUploadError(error)
      })
    },
    async sync() {
      if (!sync) return
      try {
        await syncFile(fd)
        await syncNames()
      } catch (error) {
        throw asUploadError(error)
      }
    },
    async finish() {
      try {
        if (sync) await syncFile(fd)
        await close()
        await syncNames()
      } catch (error) {
        throw asUploadError(error)
      }
    },
    async discard() {
      await close()
      await removeFile(path)
    },
  }
}

async function truncateBody(path: string, size: number, sync: boolean): Promise<void> {
  const fd = await openFile(path, 'r+').catch((error: unknown) => {
    throw asUploadError(error)
  })
  try {
    await truncateFile(fd, size)
    if (sync) await syncFile(fd)
  } catch (error) {
    throw asUploadError(error)
  } finally {
    await closeFile(fd)
  }
}

/** How long a sync of a folder waits behind another for more that ask for it, in ms: there are many at once then. */
const GATHER_MS = 5

/** Syncs a folder for all that ask before it begins: at once where none runs, else a little after that one. */
function sharedSync(folder: string): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const begin = (): Promise<void> => {
    next = undefined
    const current = syncFolder(folder).finally(() => {
      if (running === current) running = undefined
    })
    running = current
    return current
  }
  const gather = () => sleep(GATHER_MS)
  return () => {
    if (next === undefined && running === undefined) return begin()
    next ??= (running ?? Promise.resolve()).then(gather, gather).then(begin)
    return next
  }
}

async function openBody(path: string): Promise<BodyContent | null> {
  try {
    return fileContent(path, (await stat(path)).size)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw asUploadError(error)
  }
}

/** A file as a body that can be read and linked. */
export function fileContent(path: string, size: number): BodyContent {
  return {
    size,
    path,
    stream: (start = 0, end = size) => read(path, start, end),
  }
}

async function* read(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (start >= end) return
  const fd = await openFile(path, 'r').catch((error: unknown) => {
    throw asStorageError(error)
  })
  yield* readOpenFile(fd, start, end)
}
