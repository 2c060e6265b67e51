import { JobError, type Retryable } from '../jobs/job.ts'
import { StorageError, type StorageErrorCode } from '../object-store.ts'

const KNOWN: Readonly<Record<StorageErrorCode, { code: string; text: string; retryable: Retryable }>> = {
  exists: { code: 'name-taken', text: 'The bucket has another file of this name.', retryable: false },
  full: { code: 'disk-full', text: 'There is no space left for the file.', retryable: 'outage' },
  unavailable: { code: 'storage-unavailable', text: 'The storage does not take the file now.', retryable: 'outage' },
  refused: { code: 'storage-refused', text: 'The storage does not take the file.', retryable: true },
}

/** Why a job failed that brings a file somewhere. */
export function asJobError(cause: unknown): JobError {
  if (cause instanceof JobError) return cause
  if (!(cause instanceof StorageError)) return new JobError('job-failed', 'The job failed.', { retryable: true, cause })
  const { code, text, retryable } = KNOWN[cause.code]
  return new JobError(code, text, { retryable, cause })
}
