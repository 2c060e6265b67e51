import { flag, keyPrefix, oneOf, optionalUrl, setting, text, textOr } from './setting-types.ts'

/** Region where none is told. */
const REGION = 'us-east-1'

/** The settings of STORE=s3. */
export const S3_SETTINGS = {
  S3_ENDPOINT: setting(optionalUrl, '', 'URL', 'Address of the S3 service; empty: AWS.'),
  S3_REGION: setting(textOr(REGION), REGION, 'region', 'Region of the bucket; `auto` for R2.'),
  S3_BUCKET: setting(text, '', 'bucket', 'Bucket that recordings go to.'),
  S3_PREFIX: setting(
    keyPrefix,
    'streams',
    'prefix',
    'Where in the bucket: `streams/NAME`, as Ant Media Server has it, for the one app in APPS; for several, `:app` stands for the app, as in `:app/streams`.',
  ),
  S3_FORCE_PATH_STYLE: setting(
    flag,
    'false',
    '`true`, `false`',
    'Name the bucket in the path instead of the host, as most services but AWS want it.',
  ),
  S3_ACCESS_KEY_ID: setting(
    text,
    '',
    'key',
    'Access key; empty: credentials are found as the AWS command line finds them.',
  ),
  S3_SECRET_ACCESS_KEY: setting(text, '', 'secret', 'The secret of S3_ACCESS_KEY_ID.'),
  S3_TAKE_OVER: setting(
    flag,
    'false',
    '`true`, `false`',
    'Start although the prefix belongs to another receiver, one that is gone for good. Every name in the bucket is learned first, so that nothing there is overwritten, and what was recorded there goes on.',
  ),
  S3_SHARED: setting(
    flag,
    'false',
    '`true`, `false`',
    'Other receivers use the prefix too, all with this setting: a stream may come to any of them next. Needs a store that honours conditional creation; `hls-receiver doctor` tells.',
  ),
  S3_ACL: setting(
    oneOf(
      '',
      'private',
      'public-read',
      'public-read-write',
      'authenticated-read',
      'aws-exec-read',
      'bucket-owner-read',
      'bucket-owner-full-control',
      'log-delivery-write',
    ),
    '',
    'canned ACL',
    'Access control list of each object; empty: none is sent, which buckets without ACLs need.',
  ),
  S3_STORAGE_CLASS: setting(text, '', 'class', 'Storage class of each object; empty: that of the bucket.'),
  S3_SSE: setting(
    oneOf('', 'AES256', 'aws:kms'),
    '',
    '`AES256`, `aws:kms`',
    'Encryption that each upload asks for; empty: that of the bucket.',
  ),
  S3_CHECKSUMS: setting(
    oneOf('when_required', 'when_supported'),
    'when_required',
    '`when_required`, `when_supported`',
    'Whether each upload carries a checksum: `when_supported` for AWS and what is like it, since others refuse them.',
  ),
} as const

interface Checked {
  readonly STORE: string
  readonly APPS: readonly string[]
  readonly S3_BUCKET: string
  readonly S3_PREFIX: string
  readonly S3_SHARED: boolean
  readonly UPLOAD_WHEN: string
  readonly S3_ACCESS_KEY_ID: string
  readonly S3_SECRET_ACCESS_KEY: string
}

/** What is wrong between the settings of STORE=s3, in one sentence; undefined: nothing. */
export function checkS3(config: Checked): string | undefined {
  const { STORE, APPS, S3_BUCKET, S3_PREFIX, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = config
  if (STORE !== 's3') return undefined
  if (S3_BUCKET === '') return 'STORE=s3 needs S3_BUCKET.'
  if ((S3_ACCESS_KEY_ID === '') !== (S3_SECRET_ACCESS_KEY === '')) {
    return 'S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY go together: set both, or none.'
  }
  if (config.S3_SHARED && config.UPLOAD_WHEN !== 'live') {
    return 'S3_SHARED needs UPLOAD_WHEN=live: what waits for the end of its stream no other receiver knows of.'
  }
  if (APPS.length === 1 || S3_PREFIX.split('/').includes(':app')) return undefined
  return `S3_PREFIX ${S3_PREFIX} is for one app: name it in APPS (the keys are ${S3_PREFIX}/NAME, as Ant Media Server has them), or set S3_PREFIX=:app/${S3_PREFIX}.`
}
