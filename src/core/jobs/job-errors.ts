import { ReceiverError } from '../errors.ts'
import { StorageError, type StorageErrorCode } from '../object-store.ts'
import { JobError, type Retryable } from './job.ts'

const KNOWN: Readonly<Record<StorageErrorCode, { code: string; text: string; retryable: Retryable }>> = {
  exists: { code: 'name-taken', text: 'The bucket has another file of this name.', retryable: false },
  full: { code: 'disk-full', text: 'There is no space left for the file.', retryable: 'outage' },
  unavailable: { code: 'storage-unavailable', text: 'The storage does not take the file now.', retryable: 'outage' },
  refused: { code: 'storage-refused', text: 'The storage does not take the file.', retryable: true },
}

/** What the journal and the disk throw that only wait for somebody, and what a store would have said. */
const WAITING: Readonly<Record<string, StorageErrorCode>> = {
  'disk-full': 'full',
  'storage-unavailable': 'unavailable',
}

/** Why a job failed. */
export function asJobError(cause: unknown): JobError {
  if (cause instanceof JobError) return cause
  const known = cause instanceof ReceiverError ? WAITING[cause.code] : undefined
  const kind = cause instanceof StorageError ? cause.code : known
  if (kind === undefined) return new JobError('job-failed', 'The job failed.', { retryable: true, cause })
  const { code, text, retryable } = KNOWN[kind]
  return new JobError(code, text, { retryable, cause })
}
