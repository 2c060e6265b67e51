import { StorageError, type StorageErrorCode } from '../../core/object-store.ts'

/** Error names that say the store has no room. */
const FULL = new Set(['InsufficientCapacity', 'QuotaExceeded', 'ServiceQuotaExceededException'])
const FULL_STATUS = 507
/** 304: MinIO before 2024 (facts/s3.md section 4). */
const TAKEN_STATUS = new Set([412, 304])
const CONFLICT_STATUS = 409
/** Statuses that another attempt may not get. */
const PASSING_STATUS = new Set([408, 425, 429])
/** Answered as 400 or 403 although nothing is wrong with the request. */
const PASSING = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'SlowDown', 'Throttling', 'ThrottlingException'])

/** HTTP status of an SDK error; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const { $metadata } = error
  if (typeof $metadata !== 'object' || $metadata === null || !('httpStatusCode' in $metadata)) return undefined
  return typeof $metadata.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined
}

/** Name of an SDK error, as in `NoSuchBucket`. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/** Whether the answer says that the object is not there; a missing bucket is another matter. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket' && nameOf(error) !== 'NoSuchUpload'
}

/** Whether the answer says that a condition did not hold. */
export function isTaken(error: unknown): boolean {
  return TAKEN_STATUS.has(statusOf(error) ?? 0)
}

/** An SDK error as the core knows it. */
export function asStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const code = codeOf(error)
  return new StorageError(code, code === 'unavailable' || code === 'full', { cause: withoutRequest(error) })
}

/** What an error says: the SDK's own holds the sockets and signed headers of its request, which no log must show. */
function withoutRequest(error: unknown): Error {
  const status = statusOf(error)
  const code = networkCode(error)
  const text = textOf(error) || code || ''
  const cause = error instanceof Error && error.cause !== undefined ? { cause: named(error.cause) } : {}
  const plain = named(error, new Error(status === undefined ? text : `${text} (HTTP status ${status})`, cause))
  return code === undefined ? plain : Object.assign(plain, { code })
}

/** `plain` with the name of an error, which says what that says unless it says something already. */
function named(error: unknown, plain = new Error(textOf(error))): Error {
  plain.name = nameOf(error) || 'Error'
  return plain
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The code of the network or the system, as in `ECONNRESET`. */
function networkCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function codeOf(error: unknown): StorageErrorCode {
  const status = statusOf(error)
  const name = nameOf(error)
  if (status === FULL_STATUS || FULL.has(name)) return 'full'
  if (isTaken(error)) return 'exists'
  if (status === undefined || PASSING.has(name) || PASSING_STATUS.has(status)) return 'unavailable'
  // Somebody else writes the same key at this moment; the next attempt is told who won.
  if (status === CONFLICT_STATUS) return 'unavailable'
  if (status === 501) return 'refused'
  return status >= 500 ? 'unavailable' : 'refused'
}
