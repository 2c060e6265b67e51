import { ReceiverError } from '../errors.ts'
import { StorageError } from '../object-store.ts'

/** Whether something cannot be read, and will not be: it is damaged, gone, or the store refuses it, as what it has put away. */
export function isRefusal(cause: unknown): boolean {
  return cause instanceof ReceiverError || (cause instanceof StorageError && !cause.retryable)
}
