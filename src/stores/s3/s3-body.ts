import { StorageError } from '../../core/object-store.ts'
import type { BodyContent } from '../../core/ports.ts'
import type { S3Runtime } from './s3-settings.ts'

/** Runs a request with a body as a stream, which must have as many bytes as it says. */
export function withBody<T>(
  runtime: S3Runtime,
  body: BodyContent,
  signal: AbortSignal,
  run: (stream: unknown, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withStream(runtime, exactly(body), signal, run)
}

/**
 * Runs a request whose body is a stream. A source that breaks off would leave the SDK waiting for ever (facts/s3.md section 2):
 * it aborts the request instead, and its own error is the one that is thrown.
 */
export async function withStream<T>(
  runtime: S3Runtime,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  run: (stream: unknown, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const aborting = new AbortController()
  let failure: unknown
  const fail = (cause: unknown) => {
    failure ??= cause
    aborting.abort()
  }
  const onAbort = () => fail(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort)
  try {
    return await run(runtime.bodyOf(chunks, aborting.signal, fail), aborting.signal)
  } catch (error) {
    throw failure ?? error
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Whoever did not read the source to its end must not keep its file open.
    aborting.abort()
  }
}

/** The bytes of a body, which must be as many as it says. */
async function* exactly(body: BodyContent): AsyncGenerator<Uint8Array> {
  let left = body.size
  for await (const chunk of body.stream()) {
    left -= chunk.length
    if (left < 0) break
    yield chunk
  }
  if (left !== 0) {
    throw new StorageError('unavailable', true, { cause: new Error(`a body of ${body.size} bytes had another length`) })
  }
}
