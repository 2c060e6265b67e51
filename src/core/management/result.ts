import type { Result } from './management.ts'

/** It was done; `dataId` and `message` as AMS gives them. */
export function succeeded(dataId: string | null = null, message: string | null = null): Result {
  return { success: true, message, dataId, errorId: 0 }
}

/** It was not done; AMS tells why in `message`, or not at all. */
export function failed(message: string | null = null): Result {
  return { success: false, message, dataId: null, errorId: 0 }
}
