import { type ErrorCode, ReceiverError } from '../../src/core/errors.ts'

/** The code of the ReceiverError that a call throws; undefined when it throws none. Any other error is thrown on. */
export function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof ReceiverError) return error.code
    throw error
  }
}
