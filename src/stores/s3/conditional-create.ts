import { contentTypeOf } from '../../core/file-kind.ts'
import type { S3Bucket } from './bucket.ts'
import { isTaken, statusOf } from './s3-errors.ts'

/** What a store does about `If-None-Match: *`; those that ignore it overwrite in silence (facts/s3.md section 4). */
export type ConditionalCreate = 'honoured' | 'ignored' | 'refused'

const ONE = new Uint8Array([1])
/** Some stores take one write a second of each key, in ms with a little more, and answer others so. */
const WRITE_INTERVAL_MS = 1_100
/** Statuses of stores that do not take conditions, and of much else. */
const MAYBE_REFUSED = new Set([400, 501])
const TOO_EARLY = new Set([429, 503])

/** Finds out with two creations of `key`, which must be free, and is free again afterwards. Throws the SDK's error when it fails. */
export async function probeConditionalCreate(
  bucket: S3Bucket,
  key: string,
  signal: AbortSignal,
): Promise<ConditionalCreate> {
  const options = { contentType: contentTypeOf(key), ifAbsent: true }
  try {
    await bucket.put(key, ONE, 1, options, signal)
    await againInTime(() => bucket.put(key, ONE, 1, options, signal))
    return 'ignored'
  } catch (error) {
    if (isTaken(error)) return 'honoured'
    if (!MAYBE_REFUSED.has(statusOf(error) ?? 0)) throw error
    // ACLs, checksums or credentials may be what is wrong: then it fails without the condition, too, and says so.
    await againInTime(() => bucket.put(key, ONE, 1, { contentType: options.contentType }, signal))
    return 'refused'
  } finally {
    // One byte under a name that nobody reads: not worth the failure of what was found out.
    await bucket.delete(key, signal).catch(() => undefined)
  }
}

/** Runs something once more where the store says that it came too early. */
async function againInTime(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!TOO_EARLY.has(statusOf(error) ?? 0)) throw error
    await new Promise((resolve) => setTimeout(resolve, WRITE_INTERVAL_MS))
    await run()
  }
}
