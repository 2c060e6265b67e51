import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { s3Prefixes, type UploadedKind } from '../config/product-settings.ts'
import { type Config, ConfigError } from '../config/schema.ts'
import type { ObjectStore } from '../core/object-store.ts'
import type { Journal, Log } from '../core/ports.ts'
import { keys, toBytes, toText } from '../core/records.ts'
import { appLayout, coreKey, rootOf } from '../stores/app-layout.ts'
import { cachedReads } from '../stores/cached-reads.ts'
import { ForeignOwner, Ownership, ownedStore, ownerKeys, UnfitStore } from '../stores/ownership.ts'
import type { ConditionalCreate } from '../stores/s3/conditional-create.ts'
import type { S3Settings } from '../stores/s3/s3-settings.ts'
import { S3Store } from '../stores/s3/s3-store.ts'
import type { Custody } from './custody.ts'
import { nodeS3Runtime } from './s3-runtime.ts'
import { takeOverBucket } from './take-over-bucket.ts'

/** Largest object that is read from a bucket as a whole and kept in memory; of larger ones, ranges are passed on; in bytes. */
const MAX_CACHED_OBJECT_BYTES = 16 * 1024 * 1024
/**
 * How long a start waits for a bucket that was never found to be this receiver's, in ms: claiming one may take some seconds. Then
 * it goes on without, and uploads wait in DATA_DIR.
 */
const START_MS = 8_000
/** How soon a bucket that was not ready is looked at again, in ms. */
const TIDY_AGAIN_MS = 10_000
/** How long an upload in parts may last before it counts as abandoned where receivers share a bucket, in ms. */
const ABANDONED_MS = 7 * 86_400_000
/** Owner of a prefix that receivers share. */
const SHARED = 'shared'
const NONE = new Uint8Array(0)

/** A bucket as the place where recordings go. */
export interface S3Storage {
  /** For HLS. */
  readonly store: ObjectStore
  /** For what is made of recordings. */
  readonly products: ObjectStore
  /** What tells this receiver from others that share the bucket; undefined: it is this one's alone. */
  readonly sharedAs: string | undefined
  /**
   * Makes sure that the bucket is this receiver's, and tidies up. Throws ConfigError when it is another's. One that was this
   * receiver's before is not waited for: encoders wait meanwhile.
   */
  prepare(log: Log): Promise<void>
  /** Whether nothing may be written to the bucket, since it turned out to be another's after the start, or unfit. */
  isRefused(): boolean
  close(): Promise<void>
}

/** The bucket that the settings name, for those kinds that lie there; who owns it is remembered in the journal. */
export async function openS3Storage(
  config: Config,
  custody: Custody,
  kinds: readonly UploadedKind[],
): Promise<S3Storage> {
  const { journal } = custody
  const bucket = new S3Store(s3Settings(config), nodeS3Runtime)
  const { S3_TAKE_OVER: isTakingOver, APPS: apps, READ_CACHE_BYTES: cacheBytes } = config
  const prefixes = s3Prefixes(config)
  const own = [...new Set(kinds.map((kind) => prefixes[kind]))]
  const owners = ownerKeys(own, apps)
  const id = await ownId(journal)
  const isShared = config.S3_SHARED
  let conditions: ConditionalCreate | undefined
  const probe = async () => {
    conditions ??= await bucket.probeConditions(`${owners.own[0]}-${randomUUID()}`)
    return conditions
  }
  const claimant = { id: isShared ? SHARED : id, isShared, isTakingOver }
  const pause = (ms: number) => sleep(ms, undefined, { ref: false })
  const ownership = new Ownership(bucket, owners, claimant, { probe, pause })
  const cached = cachedReads(ownedStore(bucket, ownership), cacheBytes, MAX_CACHED_OBJECT_BYTES)
  const startedAt = Date.now()
  const known = toBytes([config.S3_ENDPOINT, config.S3_BUCKET, ...owners.own, claimant.id].join(' '))
  const isKnown = !isTakingOver && toText(journal.get(keys.ownPrefix) ?? NONE) === toText(known)
  const tidy = async (log: Log) => {
    await ownership.confirm()
    if (!isKnown) await journal.commit([{ key: keys.ownPrefix, value: known }])
    const conditionalCreate = await probe()
    const sweptUploads = await sweep(bucket, own, apps, isShared ? startedAt - ABANDONED_MS : startedAt)
    log.info('bucket is ready', { bucket: config.S3_BUCKET, prefixes: own, conditionalCreate, sweptUploads })
  }
  const stopping = new AbortController()
  let isRefused = false
  return {
    store: appLayout(cached, { streams: prefixes.hls, previews: prefixes.preview }),
    products: appLayout(cached, { streams: prefixes.vod, previews: prefixes.preview }),
    sharedAs: isShared ? id : undefined,
    async prepare(log) {
      if (isTakingOver) await takeOverBucket(config, { ...custody, bucket, ownership, log })
      let hasStarted = isKnown
      const isTidy = () =>
        tidy(log).then(
          () => {
            isRefused = false
            return true
          },
          (cause: unknown) => {
            const refusal = refusalOf(config, cause)
            isRefused ||= refusal !== undefined
            if (refusal !== undefined && !hasStarted) throw refusal
            // Nothing is written to it before it is this receiver's.
            log.error('bucket is not ready', { cause: refusal ?? cause })
            return false
          },
        )
      const first = isTidy().then((isDone) => {
        if (!isDone) void laterUntil(isTidy, stopping.signal)
      })
      if (!isKnown) await atMostMs(START_MS, first)
      hasStarted = true
    },
    isRefused: () => isRefused,
    async close() {
      stopping.abort()
      await bucket.close()
    },
  }
}

/** Gives up uploads in parts that began before that moment, which nobody will end: those of an earlier life. Tells how many. */
async function sweep(
  bucket: S3Store,
  prefixes: readonly string[],
  apps: readonly string[],
  before: number,
): Promise<number> {
  const isOwnApp = (app: string) => apps.length === 0 || apps.includes(app)
  const isLeft = (key: string, begunAt: number) => {
    const found = prefixes.map((prefix) => coreKey(prefix, apps[0] ?? '', key)?.app)
    return begunAt < before && found.some((app) => app !== undefined && isOwnApp(app))
  }
  let count = 0
  for (const root of new Set(prefixes.map(rootOf))) count += await bucket.sweepUploads(root, isLeft)
  return count
}

/** Waits for something for at most `ms`. Nothing else may keep the process alive yet, so the timer does. */
async function atMostMs(ms: number, work: Promise<void>): Promise<void> {
  const over = new AbortController()
  const timeout = sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)
  await Promise.race([work, timeout]).finally(() => over.abort())
}

/** Tries something again and again, with a pause before each time, until it says that it is done, or is stopped. */
async function laterUntil(isDone: () => Promise<boolean>, stop: AbortSignal): Promise<void> {
  do await sleep(TIDY_AGAIN_MS, undefined, { ref: false, signal: stop }).catch(() => undefined)
  while (!(stop.aborted || (await isDone())))
}

/** Why a receiver does not start with a bucket; undefined: it may. */
function refusalOf({ S3_BUCKET, S3_PREFIX, S3_SHARED }: Config, cause: unknown): ConfigError | undefined {
  if (cause instanceof UnfitStore) return new ConfigError(`S3_SHARED: ${cause.message}`, { cause })
  if (!(cause instanceof ForeignOwner)) return undefined
  const advice = S3_SHARED
    ? 'Set S3_SHARED=true for that receiver, too, or S3_TAKE_OVER=true when it is gone for good.'
    : 'Use another S3_PREFIX, or, when that receiver is gone for good, S3_TAKE_OVER=true.'
  return new ConfigError(`S3_BUCKET ${S3_BUCKET}, S3_PREFIX ${S3_PREFIX}: ${cause.message}. ${advice}`, { cause })
}

/** What tells this receiver from others, made with its journal. */
async function ownId(journal: Journal): Promise<string> {
  const known = journal.get(keys.receiver)
  if (known !== undefined) return toText(known)
  const id = randomUUID()
  await journal.commit([{ key: keys.receiver, value: toBytes(id) }])
  return id
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
