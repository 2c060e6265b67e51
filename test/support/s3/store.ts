import { nodeS3Runtime } from '../../../src/node/s3-runtime.ts'
import type { S3Runtime, S3Settings } from '../../../src/stores/s3/s3-settings.ts'
import { type S3Limits, S3Store } from '../../../src/stores/s3/s3-store.ts'
import { BUCKET, type S3Server } from './server.ts'
import { CREDENTIALS } from './signature.ts'

/** Settings for the bucket of a test server. */
export function settingsOf({ url }: Pick<S3Server, 'url'>, more: Partial<S3Settings> = {}): S3Settings {
  return {
    endpoint: url,
    region: 'us-east-1',
    bucket: BUCKET,
    forcePathStyle: true,
    credentials: CREDENTIALS,
    acl: undefined,
    storageClass: undefined,
    encryption: undefined,
    checksums: 'when_required',
    ...more,
  }
}

/** A store on the bucket of a test server. */
export function storeOf(
  server: Pick<S3Server, 'url'>,
  more: Partial<S3Settings> = {},
  limits: Partial<S3Limits> = {},
  runtime: S3Runtime = nodeS3Runtime,
): S3Store {
  return new S3Store(settingsOf(server, more), runtime, limits)
}
