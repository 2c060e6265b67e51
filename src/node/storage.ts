import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../config/schema.ts'
import type { ObjectStore } from '../core/object-store.ts'
import type { Log } from '../core/ports.ts'
import { memoryBodyFiles, memoryJournal } from '../stores/memory-custody.ts'
import { memoryStore } from '../stores/memory-store.ts'
import type { Custody } from './custody.ts'
import { lockData } from './data-lock.ts'
import { diskBodyFiles } from './disk-body-files.ts'
import { diskStore } from './disk-store.ts'
import { syncFolder } from './files.ts'
import { rememberIds } from './ids.ts'
import { openLmdbJournal } from './lmdb-journal.ts'
import { openS3Storage } from './s3-storage.ts'

/** Where a receiver keeps what it accepted, and where that goes. */
export interface Storage extends Custody {
  readonly store: ObjectStore
  /** What tells this receiver from others that share the store; undefined: it is this one's alone. */
  readonly sharedAs: string | undefined
  /** Makes the store ready. Throws ConfigError when it belongs to another receiver. */
  prepare(log: Log): Promise<void>
  /** Whether the store turned out to be one that nothing may be written to: what is accepted waits for somebody to mend it. */
  isRefused(): boolean
  close(): Promise<void>
}

/** Opens what STORE says. Throws ConfigError when another receiver has it. */
export async function openStorage(config: Config): Promise<Storage> {
  return config.STORE === 'memory' ? memoryStorage() : localStorage(config)
}

async function localStorage(config: Config): Promise<Storage> {
  mkdirSync(config.DATA_DIR, { recursive: true })
  const root = realpathSync(config.DATA_DIR)
  const own = join(root, '.receiver')
  const scratch = join(own, 'scratch')
  mkdirSync(scratch, { recursive: true })
  const unlock = await lockData(root)
  for (const name of readdirSync(scratch)) rmSync(join(scratch, name))
  const sync = config.DURABILITY === 'fsync'
  const bodies = join(own, 'bodies')
  mkdirSync(bodies, { recursive: true })
  const lmdb = openLmdbJournal(join(own, 'journal.mdb'), sync)
  const { journal, nextId } = rememberIds(lmdb)
  const files = diskBodyFiles(bodies, sync)
  // The journal's own name, and those of the folders, must last as long as what is in them.
  if (sync) for (const folder of [dirname(root), root, own]) await syncFolder(folder)
  const custody = { journal, nextId, files }
  const place = config.STORE === 's3' ? await openS3Storage(config, custody) : owned(diskStore(root, scratch))
  return {
    ...place,
    ...custody,
    async close() {
      await place
        .close()
        .finally(() => lmdb.close())
        .finally(unlock)
    },
  }
}

function memoryStorage(): Storage {
  return { ...owned(memoryStore(() => Date.now())), ...rememberIds(memoryJournal()), files: memoryBodyFiles() }
}

/** A store that nobody else can have. */
function owned(store: ObjectStore): Omit<Storage, keyof Custody> {
  return { store, sharedAs: undefined, prepare: async () => {}, isRefused: () => false, close: () => store.close() }
}
