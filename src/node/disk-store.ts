import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { link, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import {
  type GetOptions,
  type ListPage,
  type ObjectHead,
  type ObjectStore,
  type PutOptions,
  StorageError,
  type StoredBody,
} from '../core/object-store.ts'
import type { BodyContent } from '../core/ports.ts'
import {
  asStorageError,
  closeFile,
  errorCode,
  headOf,
  openFile,
  readOpenFile,
  removeFile,
  renameFile,
  syncFile,
  syncFolder,
  writeAll,
} from './files.ts'

const PAGE_KEYS = 1_000

/**
 * Objects as plain files below `root`, which any web server could serve. Bodies that are files already are linked in.
 * Small ones are written without a sync: the journal is their durable home. Temporary files lie in `scratch`, on the
 * same file system.
 */
export function diskStore(root: string, scratch: string): ObjectStore {
  mkdirSync(root, { recursive: true })
  mkdirSync(scratch, { recursive: true })
  return new DiskStore(root, scratch)
}

class DiskStore implements ObjectStore {
  readonly capabilities = { durablePut: false, conditionalCreate: true }
  readonly #root: string
  readonly #scratch: string
  /** Tells the scratch files of this store from those of another on the same folder. */
  readonly #life = randomBytes(6).toString('hex')
  #count = 0
  readonly #folders = new Set<string>()
  readonly #unsynced = new Set<string>()
  /** The last flush that was begun; one runs at a time. */
  #flushing: Promise<void> = Promise.resolve()

  constructor(root: string, scratch: string) {
    this.#root = root
    this.#scratch = scratch
  }

  async put(key: string, body: BodyContent, options: PutOptions): Promise<void> {
    const target = join(this.#root, key)
    const temporary = join(this.#scratch, `${this.#life}-${this.#count++}`)
    try {
      await this.#folder(dirname(target))
      options.signal?.throwIfAborted()
      if (options.isOnlyCopy === true && body.path !== undefined) await syncPath(body.path)
      if (body.path !== undefined && (await linked(body.path, target))) {
        this.#unsynced.add(dirname(target))
        return
      }
      if (body.path === undefined || !(await canLink(body.path, temporary))) await writeFile(temporary, body, options)
      await moveTo(target, temporary, options.ifAbsent === true)
      // Renaming one link of a file over another of its links does nothing, and leaves the first.
      if (body.path !== undefined) await removeFile(temporary)
      // Only now: a flush that ran before the name was there has not covered it.
      this.#unsynced.add(dirname(target))
    } catch (error) {
      // Somebody may have removed the folder.
      this.#folders.delete(dirname(target))
      // What failed first is what is told; a file that stays is removed at the next start.
      await removeFile(temporary).catch(() => undefined)
      throw asStorageError(error)
    }
  }

  async get(key: string, options?: GetOptions): Promise<StoredBody | null> {
    const fd = await openFile(join(this.#root, key), 'r').catch(nullIfMissing)
    if (fd === null) return null
    // Size and bytes come from the same open file, whatever the name stands for a moment later.
    const head = await headOf(fd)
    if (head === null) {
      await closeFile(fd)
      return null
    }
    const { start, end } = options?.range ?? { start: 0, end: head.size }
    return { ...head, body: readOpenFile(fd, start, end) }
  }

  async head(key: string): Promise<ObjectHead | null> {
    const found = await stat(join(this.#root, key)).catch(nullIfMissing)
    return found?.isFile() === true ? { size: found.size, modifiedAt: found.mtimeMs } : null
  }

  async delete(keys: readonly string[]): Promise<void> {
    const targets = keys.map((key) => join(this.#root, key))
    const all = await Promise.allSettled(targets.map((target) => rm(target, { force: true })))
    for (const target of targets) this.#unsynced.add(dirname(target))
    // Only when none of them runs any more: whoever is told may put something under a key again.
    for (const each of all) if (each.status === 'rejected') throw asStorageError(each.reason)
  }

  async list(prefix: string, cursor = ''): Promise<ListPage> {
    const base = join(this.#root, dirname(`${prefix}x`))
    const found = (await readdir(base, { recursive: true, withFileTypes: true }).catch(nullIfMissing)) ?? []
    const files = found
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.#root, join(entry.parentPath, entry.name)))
    const after = files.filter((key) => key.startsWith(prefix) && key > cursor && !key.startsWith('.')).sort()
    const keys = after.slice(0, PAGE_KEYS)
    const last = keys.at(-1)
    return after.length > keys.length && last !== undefined ? { keys, cursor: last } : { keys }
  }

  async flush(): Promise<void> {
    // What another flush has begun to sync is not durable before that has ended, and still to be synced when it failed.
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#syncFolders())
    await this.#flushing
  }

  async #syncFolders(): Promise<void> {
    const folders = [...this.#unsynced]
    this.#unsynced.clear()
    try {
      await Promise.all(folders.map((folder) => syncFolder(folder).catch(nullIfMissing)))
    } catch (error) {
      for (const folder of folders) this.#unsynced.add(folder)
      throw asStorageError(error)
    }
  }

  async close(): Promise<void> {
    await this.flush()
  }

  async #folder(path: string): Promise<void> {
    if (this.#folders.has(path)) return
    await mkdir(path, { recursive: true })
    // New folders are names in their parents, up to the root.
    for (let parent = dirname(path); parent.startsWith(this.#root); parent = dirname(parent)) this.#unsynced.add(parent)
    this.#folders.add(path)
  }
}

/** Links a file under a name that is free; false when it is taken. */
async function linked(from: string, target: string): Promise<boolean> {
  return tryLink(from, target, IN_THE_WAY)
}

/** Links a file; false on a file system that cannot, or between two. */
async function canLink(from: string, target: string): Promise<boolean> {
  return tryLink(from, target, NO_LINKS)
}

/** Makes the bytes of a file durable that somebody else has written. */
async function syncPath(path: string): Promise<void> {
  const fd = await openFile(path, 'r')
  await syncFile(fd).finally(() => closeFile(fd))
}

const NO_LINKS = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])
const IN_THE_WAY = new Set(['EEXIST', ...NO_LINKS])

async function tryLink(from: string, target: string, expected: ReadonlySet<string>): Promise<boolean> {
  try {
    await link(from, target)
    return true
  } catch (error) {
    if (expected.has(errorCode(error))) return false
    throw error
  }
}

async function moveTo(target: string, temporary: string, ifAbsent: boolean): Promise<void> {
  if (!ifAbsent) return renameFile(temporary, target)
  if (!(await linked(temporary, target))) throw new StorageError('exists', false)
  await removeFile(temporary)
}

/** Writes a body to a new file; throws when it turns out shorter or longer than it said. */
async function writeFile(path: string, body: BodyContent, options: PutOptions): Promise<void> {
  const fd = await openFile(path, 'wx')
  let written = 0
  try {
    for await (const chunk of body.bytes === undefined ? body.stream() : [body.bytes]) {
      options.signal?.throwIfAborted()
      await writeAll(fd, [chunk])
      written += chunk.length
    }
    if (options.isOnlyCopy === true) await syncFile(fd)
  } finally {
    await closeFile(fd)
  }
  if (written !== body.size) throw new Error(`a body of ${body.size} bytes came with ${written}`)
}

const MISSING = new Set(['ENOENT', 'ENOTDIR'])

function nullIfMissing(error: unknown): null {
  if (MISSING.has(errorCode(error))) return null
  throw asStorageError(error)
}
