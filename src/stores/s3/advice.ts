import { nameOf, statusOf } from './s3-errors.ts'
import type { S3Settings } from './s3-settings.ts'

type Advice = (settings: S3Settings) => string

const where = ({ endpoint, region }: S3Settings) => endpoint ?? `AWS in ${region}`

/** What is wrong, and what to do, by the error names of S3 services. */
const BY_NAME: Readonly<Record<string, Advice>> = {
  InvalidAccessKeyId: () =>
    'The access key is not known there: check S3_ACCESS_KEY_ID, and that it is of this service.',
  SignatureDoesNotMatch: () =>
    'The signature is wrong: check S3_SECRET_ACCESS_KEY, and that no proxy changes the path or the Host of requests.',
  CredentialsProviderError: () =>
    'No credentials were found: set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or give this machine a role.',
  ExpiredToken: () => 'The credentials have expired.',
  RequestTimeTooSkewed: () => 'The clock of this machine is wrong by more than the store allows: set it by NTP.',
  NoSuchBucket: ({ bucket, forcePathStyle }) =>
    `There is no bucket ${bucket}: check S3_BUCKET${forcePathStyle ? '' : ', and whether this service wants S3_FORCE_PATH_STYLE=true'}.`,
  PermanentRedirect: () => 'The bucket lies in another region: set S3_REGION, and S3_ENDPOINT where it names a region.',
  AuthorizationHeaderMalformed: ({ region }) => `The region ${region} is wrong for this bucket: set S3_REGION.`,
  IllegalLocationConstraintException: () => 'The bucket lies in another region: set S3_REGION.',
  AccessControlListNotSupported: () => 'The bucket has ACLs disabled: leave S3_ACL empty, and use a bucket policy.',
  InvalidStorageClass: ({ storageClass }) =>
    `The storage class ${storageClass} is not known there: check S3_STORAGE_CLASS.`,
  InsufficientCapacity: () => 'The store has no room.',
  QuotaExceeded: () => 'The quota of the bucket or the account is used up.',
}

/** By error codes of the network. */
const BY_CODE: Readonly<Record<string, Advice>> = {
  ENOTFOUND: (settings) =>
    `The name of ${where(settings)} is not known: check S3_ENDPOINT${settings.forcePathStyle ? '' : ', and whether this service wants S3_FORCE_PATH_STYLE=true, since the bucket is in the host name'}.`,
  ECONNREFUSED: (settings) => `Nothing listens at ${where(settings)}: check S3_ENDPOINT.`,
  ECONNRESET: (settings) => `${where(settings)} closed the connection: check whether S3_ENDPOINT is http or https.`,
  EPROTO: (settings) => `${where(settings)} does not speak TLS: check whether S3_ENDPOINT is http or https.`,
}

/** What an SDK error means, in plain words for whoever set up the bucket. */
export function adviceFor(error: unknown, settings: S3Settings): string {
  const name = nameOf(error)
  const known = BY_NAME[name] ?? BY_CODE[codeOf(error)]
  if (known !== undefined) return known(settings)
  const status = statusOf(error)
  if (status === 301)
    return 'The bucket lies in another region: set S3_REGION, and S3_ENDPOINT where it names a region.'
  if (status === 403) return 'This is not allowed: give the key the right to do it on this bucket.'
  if (status === 501) {
    return settings.checksums === 'when_supported'
      ? 'The store does not know this: set S3_CHECKSUMS=when_required.'
      : 'The store does not know this.'
  }
  if (name === 'TimeoutError' || status === undefined) {
    return `${where(settings)} does not answer: check S3_ENDPOINT, firewalls and proxies. (${textOf(error)})`
  }
  return `The store answered ${status} ${name}: ${textOf(error)}`
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The network's code, however deep it lies. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string' && error.code in BY_CODE) return error.code
  return codeOf(error.cause)
}
