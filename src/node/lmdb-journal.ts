import { open, type RootDatabase } from 'lmdb'
import { ReceiverError } from '../core/errors.ts'
import type { Journal, JournalWrite } from '../core/ports.ts'

/** A journal in one LMDB file; the only place that knows lmdb. */
export interface LmdbJournal extends Journal {
  close(): Promise<void>
}

/** How long batches that come while others are committed wait for more, in ms. */
const GATHER_MS = 2

/** First of all code points above U+10FFFF's UTF-16 form: ends a range of keys with one prefix. */
const AFTER_PREFIX = '\uffff'

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
  const group = new GroupCommit(db)
  return {
    get: (key) => db.get(key),
    *entries(prefix) {
      for (const { key, value } of db.getRange({ start: prefix, end: prefix + AFTER_PREFIX }))
        yield [key, value] as const
    },
    commit: (writes) => group.commit(writes),
    close: () => db.close(),
  }
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
      if (this.#waiting.length > 1) await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
    }
    this.#isRunning = false
  }

  async #commitWaiting(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    try {
      // lmdb puts all writes of one event turn into one transaction.
      await Promise.all(group.flatMap(({ writes }) => writes.map((write) => this.#apply(write))))
      for (const { resolve } of group) resolve()
    } catch (cause) {
      const error = new ReceiverError(isFull(cause) ? 'disk-full' : 'storage-unavailable', undefined, { cause })
      for (const { reject } of group) reject(error)
    }
  }

  #apply({ key, value }: JournalWrite): Promise<boolean> {
    return value === null ? this.#db.remove(key) : this.#db.put(key, asBuffer(value))
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function isFull(error: unknown): boolean {
  return /MAP_FULL|ENOSPC|No space left/i.test(String(error))
}
