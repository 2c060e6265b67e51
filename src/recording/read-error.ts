import { ReceiverError } from '../core/errors.ts'
import { JobError } from '../core/jobs/job.ts'
import { StorageError } from '../core/object-store.ts'

/** Why a file of the recording could not be read. */
export function asReadError(cause: unknown): JobError {
  if (cause instanceof JobError) return cause
  if (cause instanceof ReceiverError && cause.code === 'not-found') {
    return new JobError('input-missing', 'A file of the recording is not there.', { retryable: true, cause })
  }
  if (cause instanceof ReceiverError || cause instanceof StorageError) {
    return new JobError('storage-unavailable', 'The storage does not give the recording now.', {
      retryable: 'outage',
      cause,
    })
  }
  return new JobError('input-failed', 'The recording could not be read.', { retryable: true, cause })
}
