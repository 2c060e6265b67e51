import type { BodyContent } from './ports.ts'

/** Bytes from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What a store knows of an object without its bytes. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  /** PutOptions.token of the put that it is of, where the store keeps that. */
  readonly token?: string
}

/** An object with its bytes, or with the range that was asked for; `body` must be read to its end, or returned. */
export interface StoredBody extends ObjectHead {
  readonly body: AsyncIterable<Uint8Array>
}

/** What a store is told of an object besides its bytes. */
export interface PutOptions {
  readonly contentType: string
  readonly cacheControl?: string
  /** Refuse with `exists` when the key is taken, unless by an object of the same `token`. */
  readonly ifAbsent?: boolean
  /** Tells this very object from others of the key: a put whose answer was lost finds its own success by it. */
  readonly token?: string
  /** Nothing else keeps the bytes: they are durable when the put resolves, the name is after a flush, also where `durablePut` is not. */
  readonly isOnlyCopy?: boolean
  readonly signal?: AbortSignal
}

/** What a store is told of a read. */
export interface GetOptions {
  readonly range?: ByteRange
  /** Size of the whole object in bytes, where the reader knows it. */
  readonly size?: number
}

/** One page of keys; `cursor` is there when more follow. */
export interface ListPage {
  readonly keys: readonly string[]
  /** What is known of each without asking again, in the same order; absent where a listing does not tell. */
  readonly heads?: readonly ObjectHead[]
  readonly cursor?: string
}

/** What differs from store to store. */
export interface StoreCapabilities {
  /** A resolved put survives power loss; else bytes must stay in the journal. */
  readonly durablePut: boolean
  /** `ifAbsent` is honoured. */
  readonly conditionalCreate: boolean
  /** Size of the parts in which a body can be put while it still arrives, in bytes; absent: it cannot. */
  readonly earlyPartBytes?: number
}

/** Where accepted objects end up. Keys arrive safe and relative; a missing object is `null`; only StorageError is thrown. */
export interface ObjectStore {
  readonly capabilities: StoreCapabilities
  /** Atomic: readers see the old object or the new one, never a part; a failed put leaves nothing. */
  put(key: string, body: BodyContent, options: PutOptions): Promise<void>
  /** The same for a body whose length nobody knows yet; where `earlyPartBytes` is. A body that throws leaves nothing. */
  putOpen?(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void>
  get(key: string, options?: GetOptions): Promise<StoredBody | null>
  /** With `size`, the reader means to get an object of that many bytes next. */
  head(key: string, options?: { size?: number }): Promise<ObjectHead | null>
  /** Missing keys are no error. */
  delete(keys: readonly string[]): Promise<void>
  /** Keys that begin with `prefix`, in order, at most 1,000 a page. */
  list(prefix: string, cursor?: string): Promise<ListPage>
  /** Makes the names of all objects put so far durable, and that others were deleted, where a put or a delete alone does not. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Why a store failed: the key is taken, no space is left, it does not answer, or it will not take the object. */
export type StorageErrorCode = 'exists' | 'full' | 'unavailable' | 'refused'

/** The only error a store throws. */
export class StorageError extends Error {
  readonly code: StorageErrorCode
  readonly retryable: boolean

  constructor(code: StorageErrorCode, retryable: boolean, options?: ErrorOptions) {
    super(`object store: ${code}`, options)
    this.name = 'StorageError'
    this.code = code
    this.retryable = retryable
  }
}
