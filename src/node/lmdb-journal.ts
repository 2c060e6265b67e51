import { open, type RootDatabase } from 'lmdb'
import { ReceiverError } from '../core/errors.ts'
import type { Journal, JournalWrite } from '../core/ports.ts'

/** A journal in one LMDB file; the only place that knows lmdb. */
export interface LmdbJournal extends Journal {
  close(): Promise<void>
}

/** How long batches that come while others are committed wait for more, in ms; then again as long as more come. */
const GATHER_MS = [4, 10, 10, 10, 10, 10]

/** How long the cause of a failed commit is waited for, in ms. */
const CAUSE_MS = 1_000

/** The last code point: no key with the prefix sorts after it. */
const AFTER_PREFIX = '\u{10ffff}'

/**
 * What separates the parts of a key, and what stands for it in the file: lmdb takes characters up to U+0004 for its own, and writes them
 * otherwise in keys of up to 63 characters than in longer ones, so that no range finds both.
 */
const SEPARATOR = '\u0001'
const SEPARATOR_IN_FILE = '\u0005'
/** There once all keys are written like that. */
const FORMAT_KEY = 'format/'

/**
 * Opens the journal at `path`. With `sync` a commit resolves after the pages and then the root are on the disk; commits
 * that wait at the same time share one sync. Without, it resolves when the kernel has them.
 */
export function openLmdbJournal(path: string, sync: boolean): LmdbJournal {
  // lmdb resolves a commit before its flush when syncs may overlap; here the promise must mean "durable".
  const db: RootDatabase<Buffer, string> = open({
    path,
    noSubdir: true,
    encoding: 'binary',
    overlappingSync: false,
    noSync: !sync,
  })
  if (db.get(FORMAT_KEY) === undefined) mendKeys(db)
  const group = new GroupCommit(db)
  return {
    // A copy already: only lmdb's getBinaryFast gives views of memory that it uses again.
    get: (key) => db.get(inFile(key)),
    *entries(prefix) {
      const start = inFile(prefix)
      for (const { key, value } of db.getRange({ start, end: start + AFTER_PREFIX })) {
        if (key !== FORMAT_KEY) yield [key.replaceAll(SEPARATOR_IN_FILE, SEPARATOR), value] as const
      }
    },
    commit: (writes) => group.commit(writes),
    close: () => db.close(),
  }
}

function inFile(key: string): string {
  return key.includes(SEPARATOR) ? key.replaceAll(SEPARATOR, SEPARATOR_IN_FILE) : key
}

/** Writes the keys of a journal anew that an earlier version wrote, in one transaction. */
function mendKeys(db: RootDatabase<Buffer, string>): void {
  const old: string[] = []
  for (const key of db.getKeys()) {
    const written = asWritten(key)
    if (written.includes(SEPARATOR)) old.push(written)
  }
  db.transactionSync(() => {
    for (const key of old) {
      const value = db.get(key)
      if (value !== undefined) db.putSync(inFile(key), value)
      db.removeSync(key)
    }
    db.putSync(FORMAT_KEY, Buffer.from('2'))
  })
}

/** A key as it was given: lmdb reads a long one with a separator as several, of which the second is all the rest. */
function asWritten(key: unknown): string {
  if (!Array.isArray(key)) return String(key)
  const [first, rest]: readonly unknown[] = key
  return String(first) + (rest instanceof Uint8Array ? Buffer.from(rest).toString() : '')
}

interface Waiting {
  readonly writes: readonly JournalWrite[]
  resolve(): void
  reject(error: Error): void
}

/**
 * Commits one transaction at a time, with all batches that wait: each costs two syncs of the disk, however many share it.
 * A batch that comes alone is committed at once.
 */
class GroupCommit {
  readonly #db: RootDatabase<Buffer, string>
  #waiting: Waiting[] = []
  #isRunning = false

  constructor(db: RootDatabase<Buffer, string>) {
    this.#db = db
  }

  commit(writes: readonly JournalWrite[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject })
      if (!this.#isRunning) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      await this.#commitWaiting()
      if (this.#waiting.length > 1) await this.#gather()
    }
    this.#isRunning = false
  }

  /** Waits until no more batches come, or for long enough. */
  async #gather(): Promise<void> {
    let before = 0
    for (const ms of GATHER_MS) {
      if (this.#waiting.length <= before) return
      before = this.#waiting.length
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
  }

  async #commitWaiting(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    try {
      // lmdb puts all writes of one event turn into one transaction.
      await Promise.all(group.flatMap(({ writes }) => writes.map((write) => this.#apply(write))))
      for (const { resolve } of group) resolve()
    } catch (error) {
      const cause = await causeOf(error)
      const known = new ReceiverError(isFull(cause) ? 'disk-full' : 'storage-unavailable', undefined, { cause })
      for (const { reject } of group) reject(known)
    }
  }

  async #apply({ key, value }: JournalWrite): Promise<boolean> {
    return value === null ? this.#db.remove(inFile(key)) : this.#db.put(inFile(key), asBuffer(value))
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Why a commit failed. lmdb puts that into a promise on the error, which it rejects: left alone, it would end the process.
 */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  const late = new Promise((resolve) => setTimeout(() => resolve(error), CAUSE_MS))
  return Promise.race([Promise.resolve(error.commitError).catch((cause: unknown) => cause), late])
}

/** Whether an unhandled rejection is one that lmdb leaves behind of a failed commit, whose batches were told already. */
export function isCommitLeftover(error: unknown): boolean {
  return error instanceof Error && 'commitError' in error
}

function isFull(error: unknown): boolean {
  return /MAP_FULL|ENOSPC|No space left|EDQUOT|EFBIG|File too large/i.test(String(error))
}
