import { withDeadline } from './deadline.ts'
import { asStorageError } from './s3-errors.ts'

/**
 * The bytes of an answer, each piece within `idleMs` of when it is asked for; a store that stops in the middle is down. `stop` ends
 * the request when they are no longer wanted; not a generator, since one that was never started would not.
 */
export function boundedBody(
  body: AsyncIterable<Uint8Array>,
  idleMs: number,
  stop: () => void,
): AsyncIterableIterator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return {
    async next() {
      try {
        return await withDeadline(idleMs, undefined, (signal) => Promise.race([chunks.next(), aborted(signal)]))
      } catch (error) {
        stop()
        throw asStorageError(error)
      }
    },
    async return() {
      // The stream's own `return` waits for a piece that was asked for, which may never come.
      stop()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}
