import { BUCKET } from './server.ts'
import { CREDENTIALS } from './signature.ts'

/** Settings of a receiver, as in the environment, for the bucket of a test server; for several apps. */
export function s3Environment(url: string, bucket = BUCKET): Record<string, string> {
  return {
    STORE: 's3',
    S3_ENDPOINT: url,
    S3_BUCKET: bucket,
    S3_PREFIX: ':app/streams',
    S3_FORCE_PATH_STYLE: 'true',
    S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  }
}
