import type { ArrivingBody } from '../custody.ts'
import { ReceiverError } from '../errors.ts'
import { MAX_EARLY_UPLOADS } from '../limits.ts'
import type { ObjectStore, PutOptions } from '../object-store.ts'
import type { BodyFiles, Host } from '../ports.ts'
import type { StoredObject } from '../records.ts'

/** Where a body that still arrives will go. */
export interface EarlyTarget {
  readonly key: string
  readonly options: PutOptions
}

interface Early {
  readonly key: string
  /** Ends the waiting for how many bytes there are in all; undefined: the body is not needed. */
  readonly settle: (size: number | undefined) => void
  /** Whether the store has the object. */
  readonly done: Promise<boolean>
}

/**
 * Uploads of bodies that still arrive, to a store that takes such: a large segment is in the store soon after its last byte.
 * Nothing shows there before the object is accepted; one that fails goes again as a whole, like any other.
 */
export class EarlyUploads {
  readonly #host: Host
  readonly #files: BodyFiles
  readonly #store: ObjectStore
  /** By id of the body. */
  readonly #uploads = new Map<string, Early>()

  constructor(host: Host, files: BodyFiles, store: ObjectStore) {
    this.#host = host
    this.#files = files
    this.#store = store
  }

  /** Begins when a part of a body is here, unless too many run or `target` gives none. */
  watch(body: ArrivingBody, target: () => EarlyTarget | undefined): void {
    const { earlyPartBytes } = this.#store.capabilities
    if (earlyPartBytes === undefined) return
    body.onReceived(earlyPartBytes, () => {
      if (body.isOver || this.#uploads.size >= MAX_EARLY_UPLOADS) return
      const found = target()
      if (found !== undefined) this.#begin(body, found, earlyPartBytes)
    })
  }

  /** The object of a body is accepted: resolves with whether the store got it early; undefined where nothing was begun. */
  adopt(key: string, { id, size }: StoredObject): Promise<boolean> | undefined {
    const early = this.#uploads.get(id)
    if (early === undefined) return undefined
    early.settle(early.key === key ? size : undefined)
    return early.done
  }

  /** A body is over: what is not adopted by now is given up. */
  end(id: string): void {
    this.#uploads.get(id)?.settle(undefined)
  }

  #begin(body: ArrivingBody, { key, options }: EarlyTarget, partBytes: number): void {
    let settle: (size: number | undefined) => void = () => {}
    const total = new Promise<number | undefined>((resolve) => {
      settle = resolve
    })
    const put = this.#store.putOpen?.(key, this.#bytes(body, partBytes, total), options) ?? Promise.resolve()
    const done = put.then(
      () => true,
      (cause: unknown) => {
        this.#host.log.info('early upload given up', { key, cause })
        return false
      },
    )
    this.#uploads.set(body.id, { key, settle, done })
    void done.then(() => this.#uploads.delete(body.id))
  }

  async *#bytes(body: ArrivingBody, partBytes: number, total: Promise<number | undefined>): AsyncGenerator<Uint8Array> {
    let at = 0
    while (!body.isOver) {
      const size = await body.makeDurable()
      yield* this.#files.at(body.id, size).stream(at, size)
      at = size
      await new Promise<void>((resolve) => body.onReceived(at + partBytes, resolve))
    }
    const size = await total
    // Of a cut body less may be kept than was sent on.
    if (size === undefined || size < at) throw new ReceiverError('body-cut')
    yield* this.#files.at(body.id, size).stream(at, size)
  }
}
