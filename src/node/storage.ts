import { mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { goesToS3 } from '../config/product-settings.ts'
import type { Config } from '../config/schema.ts'
import { alsoReadFrom } from '../core/also-read-from.ts'
import type { ObjectStore } from '../core/object-store.ts'
import type { Log } from '../core/ports.ts'
import type { ProductKind, Products } from '../core/products/products.ts'
import { type ProductPlaces, StoredProducts } from '../core/products/stored-products.ts'
import { memoryBodyFiles, memoryJournal } from '../stores/memory-custody.ts'
import { memoryStore } from '../stores/memory-store.ts'
import type { Custody } from './custody.ts'
import { lockData } from './data-lock.ts'
import { diskBodyFiles } from './disk-body-files.ts'
import { diskStore } from './disk-store.ts'
import { syncFolder } from './files.ts'
import { rememberIds } from './ids.ts'
import { openLmdbJournal } from './lmdb-journal.ts'
import { openRecordingsDir } from './recordings-dir.ts'
import { openS3Storage } from './s3-storage.ts'
import { type Place, usedPlaces } from './used-places.ts'

/** Where a receiver keeps what it accepted, and where that goes. */
export interface Storage extends Custody {
  /** Where HLS goes. */
  readonly store: ObjectStore
  /** What is made of recordings. */
  readonly products: Products
  /** What tells this receiver from others that share the store; undefined: it is this one's alone. */
  readonly sharedAs: string | undefined
  /** Makes the store ready. Throws ConfigError when it belongs to another receiver. */
  prepare(log: Log): Promise<void>
  /** Whether the store of HLS turned out to be one that nothing may be written to: what is accepted waits for somebody to mend it. */
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
  const recordings = await recordingsDir(config, root).catch(async (error: unknown) => {
    await unlock()
    throw error
  })
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
  const disk = diskStore(root, scratch)
  const places = await openPlaces(config, custody, disk, recordings)
  return {
    ...places,
    ...custody,
    async close() {
      await places
        .close()
        .finally(() => disk.close())
        .finally(() => recordings?.close())
        .finally(() => lmdb.close())
        .finally(unlock)
    },
  }
}

async function recordingsDir({ RECORDINGS_DIR }: Config, dataDir: string): Promise<ObjectStore | undefined> {
  return RECORDINGS_DIR === '' ? undefined : openRecordingsDir(RECORDINGS_DIR, dataDir)
}

type Places = Omit<Storage, keyof Custody>

/** Where each kind of files goes, and is looked for: on this disk, and in the bucket. */
async function openPlaces(
  config: Config,
  custody: Custody,
  disk: ObjectStore,
  recordings: ObjectStore | undefined,
): Promise<Places> {
  const places = await usedPlaces(custody.journal, config)
  const kinds = (['hls', 'vod', 'preview'] as const).filter((kind) => places.has(`${kind} in bucket`))
  const bucket = config.STORE === 's3' && kinds.length > 0 ? await openS3Storage(config, custody, kinds) : undefined
  const productsIn = (kind: ProductKind, local: ObjectStore, cacheControl: string): ProductPlaces => ({
    local,
    bucket: kinds.includes(kind) ? bucket?.products : undefined,
    goesToBucket: goesToS3(config, kind),
    cacheControl,
  })
  const isInBucket = goesToS3(config, 'hls')
  return {
    store: hlsStore(places, isInBucket, disk, bucket?.store),
    products: new StoredProducts({
      vod: productsIn('vod', recordings ? alsoReadFrom(recordings, disk) : disk, config.SEGMENT_CACHE_CONTROL),
      preview: productsIn('preview', disk, config.PLAYLIST_CACHE_CONTROL),
    }),
    sharedAs: bucket?.sharedAs,
    prepare: async (log) => bucket?.prepare(log),
    isRefused: () => isInBucket && bucket?.isRefused() === true,
    close: async () => bucket?.close(),
  }
}

/** Where HLS goes now; what went elsewhere before is read from there. */
function hlsStore(
  places: ReadonlySet<Place>,
  isInBucket: boolean,
  disk: ObjectStore,
  bucket: ObjectStore | undefined,
): ObjectStore {
  if (bucket === undefined) return disk
  if (isInBucket) return places.has('hls on disk') ? alsoReadFrom(bucket, disk) : bucket
  return places.has('hls in bucket') ? alsoReadFrom(disk, bucket) : disk
}

function memoryStorage(): Storage {
  const store = memoryStore(() => Date.now())
  const products = { local: store, goesToBucket: false, cacheControl: '' }
  return {
    ...rememberIds(memoryJournal()),
    files: memoryBodyFiles(),
    store,
    products: new StoredProducts({ vod: products, preview: products }),
    sharedAs: undefined,
    prepare: async () => {},
    isRefused: () => false,
    close: () => store.close(),
  }
}
