import { open, type RootDatabase } from 'lmdb'
import { ReceiverError } from '../core/errors.ts'
import type { Journal, JournalWrite } from '../core/ports.ts'

/** A journal in one LMDB file; the only place that knows lmdb. */
export interface LmdbJournal extends Journal {
  close(): Promise<void>
}

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
  return {
    get: (key) => db.get(key),
    *entries(prefix) {
      for (const { key, value } of db.getRange({ start: prefix, end: prefix + AFTER_PREFIX }))
        yield [key, value] as const
    },
    commit: (writes) => commit(db, writes),
    close: () => db.close(),
  }
}

async function commit(db: RootDatabase<Buffer, string>, writes: readonly JournalWrite[]): Promise<void> {
  try {
    // lmdb puts all writes of one event turn into one transaction; a turn begins anew only after I/O.
    await Promise.all(writes.map(({ key, value }) => (value === null ? db.remove(key) : db.put(key, asBuffer(value)))))
  } catch (cause) {
    throw new ReceiverError(isFull(cause) ? 'disk-full' : 'storage-unavailable', undefined, { cause })
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function isFull(error: unknown): boolean {
  return /MAP_FULL|ENOSPC|No space left/i.test(String(error))
}
