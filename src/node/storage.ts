import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../config/schema.ts'
import type { ObjectStore } from '../core/object-store.ts'
import type { BodyFiles, Journal } from '../core/ports.ts'
import { appLayout } from '../stores/app-layout.ts'
import { cachedReads } from '../stores/cached-reads.ts'
import { memoryBodyFiles, memoryJournal } from '../stores/memory-custody.ts'
import { memoryStore } from '../stores/memory-store.ts'
import type { S3Settings } from '../stores/s3/s3-settings.ts'
import { S3Store } from '../stores/s3/s3-store.ts'
import { lockData } from './data-lock.ts'
import { diskBodyFiles } from './disk-body-files.ts'
import { diskStore } from './disk-store.ts'
import { syncFolder } from './files.ts'
import { openLmdbJournal } from './lmdb-journal.ts'
import { nodeS3Runtime } from './s3-runtime.ts'

/** Largest object that is read from a bucket as a whole and kept in memory; of larger ones, ranges are passed on; in bytes. */
const MAX_CACHED_OBJECT_BYTES = 16 * 1024 * 1024

/** Where a receiver keeps what it accepted, and where that goes. */
export interface Storage {
  readonly journal: Journal
  readonly files: BodyFiles
  readonly store: ObjectStore
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
  const journal = openLmdbJournal(join(own, 'journal.mdb'), sync)
  // The journal's own name, and those of the folders, must last as long as what is in them.
  if (sync) for (const folder of [dirname(root), root, own]) await syncFolder(folder)
  const store = config.STORE === 's3' ? s3Storage(config) : diskStore(root, scratch)
  return {
    journal,
    files: diskBodyFiles(bodies, sync),
    store,
    async close() {
      await store
        .close()
        .finally(() => journal.close())
        .finally(unlock)
    },
  }
}

function memoryStorage(): Storage {
  const store = memoryStore(() => Date.now())
  return { journal: memoryJournal(), files: memoryBodyFiles(), store, close: () => store.close() }
}

function s3Storage(config: Config): ObjectStore {
  const bucket = new S3Store(s3Settings(config), nodeS3Runtime)
  return appLayout(cachedReads(bucket, config.READ_CACHE_BYTES, MAX_CACHED_OBJECT_BYTES), config.S3_PREFIX)
}

/** The bucket as the settings name it. */
export function s3Settings(config: Config): S3Settings {
  const given = (value: string) => (value === '' ? undefined : value)
  const accessKeyId = given(config.S3_ACCESS_KEY_ID)
  return {
    endpoint: given(config.S3_ENDPOINT),
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    credentials: accessKeyId === undefined ? undefined : { accessKeyId, secretAccessKey: config.S3_SECRET_ACCESS_KEY },
    acl: given(config.S3_ACL),
    storageClass: given(config.S3_STORAGE_CLASS),
    encryption: given(config.S3_SSE),
    checksums: config.S3_CHECKSUMS,
  }
}
