import { s3Prefixes } from '../config/product-settings.ts'
import { type Config, ConfigError } from '../config/schema.ts'
import type { Log } from '../core/ports.ts'
import { productName } from '../core/products/product-names.ts'
import { policies } from '../core/restart-policy.ts'
import { type FoundObject, isGivenName } from '../core/take-over/found-object.ts'
import { takeOver } from '../core/take-over/take-over.ts'
import { isAppName } from '../core/upload-target.ts'
import { appLayout, coreKey, rootOf } from '../stores/app-layout.ts'
import { type Ownership, ownerKeys } from '../stores/ownership.ts'
import type { S3Store } from '../stores/s3/s3-store.ts'
import type { Custody } from './custody.ts'

/** What a bucket is taken over with. */
export interface TakeOverBucketParts extends Custody {
  readonly bucket: S3Store
  readonly ownership: Ownership
  readonly log: Log
}

/**
 * Learns every name in the bucket, so that none is given again, and takes up what another receiver has recorded there; receivers that
 * share a bucket have their own way to that. Throws ConfigError when the bucket cannot be read.
 */
export async function takeOverBucket(config: Config, parts: TakeOverBucketParts): Promise<void> {
  const { journal, files, nextId, bucket, ownership, log } = parts
  const prefixes = s3Prefixes(config)
  try {
    // What this receiver has taken over before is its own by now.
    const isTakenUp = !config.S3_SHARED && !(await ownership.isOwn(ownerKeys([prefixes.hls], config.APPS).own))
    const learned = await takeOver({
      host: { log, nextId },
      journal,
      files,
      store: appLayout(bucket, { streams: prefixes.hls, previews: prefixes.preview }),
      zone: config.DATE_TIME_ZONE,
      policyFor: policies(config.RESTART_POLICY),
      isTakenUp,
      found: objectsIn(bucket, prefixes.hls, config),
    })
    if (prefixes.vod !== prefixes.hls) {
      for await (const page of objectsIn(bucket, prefixes.vod, config)) {
        const videos = page.filter(({ app, name }) => isAppName(app) && isGivenName(name))
        await journal.commit(videos.map(({ app, name }) => productName(app, name)))
      }
    }
    log.info('bucket taken over', { ...learned, isTakenUp })
  } catch (cause) {
    throw new ConfigError(`S3_TAKE_OVER: the bucket cannot be taken over. ${reasonOf(cause)}`, { cause })
  }
}

async function* objectsIn(
  bucket: S3Store,
  prefix: string,
  { APPS: apps }: Config,
): AsyncGenerator<readonly FoundObject[]> {
  let cursor: string | undefined
  do {
    const page = await bucket.list(rootOf(prefix), cursor)
    yield page.heads.flatMap((head, index) => {
      const found = coreKey(prefix, apps[0] ?? '', page.keys[index] ?? '')
      const isOwn = found !== undefined && (apps.length === 0 || apps.includes(found.app))
      return isOwn ? { ...found, ...head } : []
    })
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** What an error says, with what its cause says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`
}
