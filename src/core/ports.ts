/** Wall clock and timers; the simulation brings its own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void
}

/** Structured log; `fields` never hold a key, a token or an upload URL. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void
  warn(event: string, fields?: Record<string, unknown>): void
  error(event: string, fields?: Record<string, unknown>): void
}

/** What is counted: uploads that were accepted and their bytes, objects that the store got, attempts it failed, holes served. */
export type Counted = 'accepted' | 'acceptedBytes' | 'stored' | 'storedBytes' | 'retried' | 'gaps'

/** Numbers for those who run the receiver. */
export interface Meter {
  count(what: Counted, by?: number): void
  /** How long a segment took to the store, as a part of how long it plays: over 1, the store is too slow. */
  lag(ratio: number): void
}

/** Running SHA-256 of a body. */
export interface Digest {
  update(chunk: Uint8Array): void
  /** Lower-case hex, once. */
  hex(): string
  /** Another digest that goes on from here. */
  copy(): Digest
}

/** What the core needs from its host besides storage. */
export interface Host {
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  createDigest(): Digest
  /** By chance: from 0 up to and without 1. */
  random(): number
  /** A new opaque id: `[0-9a-z-]+`, never given twice, later ids sort after earlier ones. */
  nextId(): string
}

/** A change of one journal entry; `null` removes it. */
export interface JournalWrite {
  readonly key: string
  readonly value: Uint8Array | null
}

/** Small durable state: an ordered map from key to bytes, changed in atomic batches. */
export interface Journal {
  /** The committed value, or undefined. The bytes must not be changed, and are never changed: an answer may hold them for long. */
  get(key: string): Uint8Array | undefined
  /** Committed entries whose key begins with `prefix`, in key order. */
  entries(prefix: string): Iterable<readonly [key: string, value: Uint8Array]>
  /** Applies all writes or none; resolves when they are durable. Batches take effect in call order. */
  commit(writes: readonly JournalWrite[]): Promise<void>
}

/** A large body on its way in. */
export interface BodyFile {
  /** Appends; resolves when more may be written. */
  write(chunks: readonly Uint8Array[]): Promise<void>
  /** Resolves when every byte written so far, and the file's name, are durable; writing goes on. */
  sync(): Promise<void>
  /** Resolves when every byte, and the file's name, are durable. */
  finish(): Promise<void>
  /** Removes whatever was written. */
  discard(): Promise<void>
}

/** Large bodies under opaque ids, from acceptance until the store has them. */
export interface BodyFiles {
  create(id: string): Promise<BodyFile>
  /** A body that is known to be here. */
  at(id: string, size: number): BodyContent
  /** The body, or null when it is not here. */
  open(id: string): Promise<BodyContent | null>
  /** Keeps the first `size` bytes of a body that is not written any more, durably. */
  truncate(id: string, size: number): Promise<void>
  /** All ids here. */
  list(): Promise<string[]>
  remove(ids: readonly string[]): Promise<void>
}

/** An immutable body that can be read, as often as wanted. */
export interface BodyContent {
  /** Bytes. */
  readonly size: number
  /** The body itself, where it is small and at hand. */
  readonly bytes?: Uint8Array
  /** Where the body lies as a file, for stores that can link it. */
  readonly path?: string
  /** The body, or the part from `start` up to and without `end`. */
  stream(start?: number, end?: number): AsyncIterable<Uint8Array>
}

/** The body of a request, read once and with backpressure. */
export interface BodySource {
  /** Content-Length, in bytes; undefined when chunked. */
  readonly declaredBytes: number | undefined
  /**
   * Hands over each piece; while a returned promise is pending no more is read. Resolves when the body is proven whole
   * (RFC 9112 section 8); rejects with `body-cut` or `body-stalled`.
   */
  read(take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void>
}
