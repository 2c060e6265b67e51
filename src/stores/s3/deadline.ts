/** Runs something with a signal that aborts after `ms`, or when `outer` does. */
export async function withDeadline<T>(
  ms: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const aborting = new AbortController()
  const onOuter = () => aborting.abort(outer?.reason)
  outer?.throwIfAborted()
  outer?.addEventListener('abort', onOuter)
  const timer = setTimeout(() => aborting.abort(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await run(aborting.signal)
  } catch (error) {
    throw aborting.signal.aborted ? (aborting.signal.reason ?? error) : error
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', onOuter)
  }
}
