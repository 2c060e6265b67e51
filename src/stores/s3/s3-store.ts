import {
  type GetOptions,
  type ListPage,
  type ObjectHead,
  type ObjectStore,
  type PutOptions,
  StorageError,
  type StoredBody,
} from '../../core/object-store.ts'
import type { BodyContent } from '../../core/ports.ts'
import { atOnce } from '../at-once.ts'
import { boundedBody } from './bounded-body.ts'
import type { S3Bucket, UploadPage } from './bucket.ts'
import { type ConditionalCreate, probeConditionalCreate } from './conditional-create.ts'
import { withDeadline } from './deadline.ts'
import { withBody, withStream } from './s3-body.ts'
import { asStorageError, isMissing, isTaken } from './s3-errors.ts'
import type { S3Runtime, S3Settings } from './s3-settings.ts'

const MIB = 1024 * 1024
/** Bounds of an S3 store. */
export interface S3Limits {
  /** How long a request without a body may take, in ms. */
  readonly requestMs: number
  /** How long an upload may take besides, in ms for each MiB. */
  readonly uploadMsPerMib: number
  /** How long a body may give nothing while it is read, in ms. */
  readonly readIdleMs: number
  /** Larger bodies go in parts, so that a fault near the end does not cost all of them; in bytes. */
  readonly maxSinglePutBytes: number
  /** Least size of a part, in bytes; equal parts, since R2 wants them (facts/s3.md section 4). */
  readonly partBytes: number
}

/** A store below 64 KiB/s is down. */
const LIMITS: S3Limits = {
  requestMs: 30_000,
  uploadMsPerMib: 16_000,
  readIdleMs: 30_000,
  maxSinglePutBytes: 256 * MIB,
  partBytes: 16 * MIB,
}
/** Size of the parts of a body that still arrives, in bytes. */
const EARLY_PART_BYTES = 8 * MIB
/** Parts that an upload may have. */
const MAX_PARTS = 10_000
/** Whole bodies that go in parts at once: each holds two parts in memory. */
const IN_PARTS_AT_ONCE = 4
/** Pages of 1,000 uploads in parts that one sweep looks at. */
const MAX_SWEPT_PAGES = 100
/** Deletes that run at once: one by one is the form that every store knows (facts/s3.md section 2). */
const DELETES_AT_ONCE = 16

/**
 * Objects in an S3-compatible bucket. Nothing is tried twice here; whatever hangs fails after a bound. The SDK is loaded with the
 * first request: a restart must not wait for it.
 */
export class S3Store implements ObjectStore {
  readonly capabilities = { durablePut: true, conditionalCreate: true, earlyPartBytes: EARLY_PART_BYTES }
  readonly #settings: S3Settings
  readonly #runtime: S3Runtime
  readonly #limits: S3Limits
  readonly #partTurns = atOnce(IN_PARTS_AT_ONCE)
  /** What is being sent in parts, an entry for each upload. */
  readonly #sending = new Set<{ readonly key: string }>()
  #opening: Promise<S3Bucket> | undefined

  constructor(settings: S3Settings, runtime: S3Runtime, limits: Partial<S3Limits> = {}) {
    this.#settings = settings
    this.#runtime = runtime
    this.#limits = { ...LIMITS, ...limits }
  }

  async put(key: string, body: BodyContent, options: PutOptions): Promise<void> {
    const { requestMs, uploadMsPerMib } = this.#limits
    const ms = requestMs + Math.ceil((body.size / MIB) * uploadMsPerMib)
    const isInParts = body.bytes === undefined && body.size > this.#limits.maxSinglePutBytes
    const send = () => withDeadline(ms, options.signal, (signal) => this.#put(key, body, options, signal))
    try {
      await (isInParts ? this.#partTurns(send) : send())
    } catch (error) {
      if (isTaken(error)) {
        if (await this.#isOwn(key, body.size, options)) return
      } else if (isInParts && (await this.#hasArrived(key, body.size, options))) return
      throw asStorageError(error)
    }
  }

  async #put(key: string, body: BodyContent, options: PutOptions, signal: AbortSignal): Promise<void> {
    const { size, bytes } = body
    const bucket = await this.#open()
    if (bytes !== undefined || size === 0) {
      return bucket.put(key, bytes ?? new Uint8Array(0), size, options, signal)
    }
    const { maxSinglePutBytes } = this.#limits
    const partBytes = Math.max(this.#limits.partBytes, Math.ceil(size / MAX_PARTS))
    return withBody(this.#runtime, body, signal, (stream, aborting) =>
      size > maxSinglePutBytes
        ? this.#putParts(key, () => bucket.putParts(key, stream, partBytes, options, aborting))
        : bucket.put(key, stream, size, options, aborting),
    )
  }

  async putOpen(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void> {
    const never = new AbortController().signal
    let size = 0
    let isWhole = false
    const counted = async function* () {
      for await (const chunk of body) {
        size += chunk.length
        yield chunk
      }
      isWhole = true
    }
    try {
      const bucket = await this.#open()
      await withStream(this.#runtime, counted(), options.signal ?? never, (stream, aborting) =>
        this.#putParts(key, () => bucket.putParts(key, stream, EARLY_PART_BYTES, options, aborting)),
      )
    } catch (error) {
      if (isWhole && (await this.#hasArrived(key, size, options))) return
      throw asStorageError(error)
    }
  }

  /** Sends something in parts, and keeps it from the sweep meanwhile. */
  async #putParts(key: string, send: () => Promise<void>): Promise<void> {
    const sending = { key }
    this.#sending.add(sending)
    await send().finally(() => this.#sending.delete(sending))
  }

  #isSending(key: string): boolean {
    return [...this.#sending].some((sending) => sending.key === key)
  }

  /** Whether the object of a key is the very one that was to be put: it had succeeded before, and only the answer was lost. */
  async #isOwn(key: string, size: number, { token }: PutOptions): Promise<boolean> {
    if (token === undefined) return false
    const found = await this.#request((bucket, signal) => bucket.head(key, signal))
    return found?.token === token && found.size === size
  }

  /** The same of an upload in parts that failed, which is not worth another failure; the SDK hides what the last answer was. */
  async #hasArrived(key: string, size: number, options: PutOptions): Promise<boolean> {
    return options.signal?.aborted !== true && (await this.#isOwn(key, size, options).catch(() => false))
  }

  async get(key: string, options?: GetOptions): Promise<StoredBody | null> {
    const reading = new AbortController()
    const found = await this.#request((bucket, signal) => {
      signal.addEventListener('abort', () => reading.abort(signal.reason))
      return bucket.get(key, options?.range, reading.signal)
    })
    if (found === null) return null
    return { ...found, body: boundedBody(found.body, this.#limits.readIdleMs, () => reading.abort()) }
  }

  async head(key: string): Promise<ObjectHead | null> {
    const found = await this.#request((bucket, signal) => bucket.head(key, signal))
    if (found === null) return null
    const { size, modifiedAt, token } = found
    return { size, modifiedAt, ...(token === undefined ? {} : { token }) }
  }

  async delete(keys: readonly string[]): Promise<void> {
    const left = [...keys]
    const deleteNext = async (): Promise<void> => {
      for (let key = left.shift(); key !== undefined; key = left.shift()) {
        const current = key
        await this.#request((bucket, signal) => bucket.delete(current, signal))
      }
    }
    const all = await Promise.allSettled(Array.from({ length: DELETES_AT_ONCE }, deleteNext))
    // Only when none of them runs any more: whoever is told may put something under a key again.
    for (const each of all) if (each.status === 'rejected') throw each.reason
  }

  async list(prefix: string, cursor?: string): Promise<ListPage & Required<Pick<ListPage, 'heads'>>> {
    const page = await this.#request((bucket, signal) => bucket.list(prefix, cursor, signal))
    if (page === null) throw new StorageError('unavailable', true)
    const { keys, heads, cursor: next } = page
    return next === undefined ? { keys, heads } : { keys, heads, cursor: next }
  }

  async flush(): Promise<void> {}

  /** Finds out by `key`, which must be free, whether the store honours conditions, and notes it among its capabilities. */
  async probeConditions(key: string): Promise<ConditionalCreate> {
    const found = await this.#request((bucket, signal) => probeConditionalCreate(bucket, key, signal))
    if (found === null) throw new StorageError('unavailable', true)
    this.capabilities.conditionalCreate = found === 'honoured'
    return found
  }

  /**
   * Gives up uploads in parts below a prefix that were begun and not ended, as far as they are meant, but none that this store sends
   * now: the clocks of two machines do not tell them apart. Tells how many.
   */
  async sweepUploads(prefix: string, isMeant: (key: string, begunAt: number) => boolean): Promise<number> {
    let count = 0
    let after: UploadPage['next']
    for (let page = 0; page < MAX_SWEPT_PAGES; page++) {
      const found = await this.#request((bucket, signal) => bucket.openUploads(prefix, after, signal))
      const left = (found?.uploads ?? []).filter(({ key, begunAt }) => isMeant(key, begunAt) && !this.#isSending(key))
      for (const upload of left) await this.#request((bucket, signal) => bucket.abortUpload(upload, signal))
      count += left.length
      after = found?.next
      if (after === undefined) break
    }
    return count
  }

  async close(): Promise<void> {
    const bucket = await this.#opening?.catch(() => undefined)
    bucket?.close()
  }

  #open(): Promise<S3Bucket> {
    this.#opening ??= import('./bucket.ts')
      .then(({ S3Bucket }) => new S3Bucket(this.#settings, this.#runtime))
      .catch((error: unknown) => {
        // The next request tries again.
        this.#opening = undefined
        throw error
      })
    return this.#opening
  }

  /** The answer, or null when what was asked for is missing. */
  async #request<T>(run: (bucket: S3Bucket, signal: AbortSignal) => Promise<T>): Promise<T | null> {
    try {
      const bucket = await this.#open()
      return await withDeadline(this.#limits.requestMs, undefined, (signal) => run(bucket, signal))
    } catch (error) {
      if (isMissing(error)) return null
      throw asStorageError(error)
    }
  }
}
