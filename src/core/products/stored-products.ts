import { alsoReadFrom } from '../also-read-from.ts'
import { ReceiverError } from '../errors.ts'
import { contentTypeOf } from '../file-kind.ts'
import { type ObjectHead, type ObjectStore, StorageError } from '../object-store.ts'
import type { BodyContent } from '../ports.ts'
import type { ReadableFile } from '../readable-file.ts'
import { KeyTurns } from './key-turns.ts'
import { productKey } from './product-names.ts'
import type { OwnUpload, ProductKind, Products, UploadHow } from './products.ts'

/** Where products of a kind lie. */
export interface ProductPlaces {
  /** On this disk. */
  readonly local: ObjectStore
  /** The bucket, where they go there, or ever did; absent: none is there. */
  readonly bucket?: ObjectStore | undefined
  /** Whether they go there. */
  readonly goesToBucket: boolean
  /** Cache-Control in the bucket. */
  readonly cacheControl: string
}

interface RunningUpload {
  readonly abort: () => void
  readonly isOver: Promise<unknown>
}

/** Products in two stores: on this disk from the moment they are made, then in the bucket. */
export class StoredProducts implements Products {
  readonly #places: Readonly<Record<ProductKind, ProductPlaces>>
  /** One change of a file on this disk at a time. */
  readonly #turns = new KeyTurns()
  readonly #uploads = new Map<string, RunningUpload>()

  constructor(places: Readonly<Record<ProductKind, ProductPlaces>>) {
    this.#places = places
  }

  async keep(kind: ProductKind, app: string, name: string, content: BodyContent): Promise<void> {
    const { local } = this.#places[kind]
    const key = productKey(kind, app, name)
    await this.#turns.take(key, async () => {
      await local.put(key, content, { contentType: contentTypeOf(name), isOnlyCopy: true })
      await local.flush()
    })
  }

  goesToBucket(kind: ProductKind): boolean {
    return this.#places[kind].goesToBucket
  }

  async upload(kind: ProductKind, app: string, name: string, how: UploadHow): Promise<void> {
    const { bucket, goesToBucket } = this.#places[kind]
    const key = productKey(kind, app, name)
    if (bucket === undefined || !goesToBucket) return
    const aborting = new AbortController()
    const abort = () => aborting.abort()
    how.signal?.addEventListener('abort', abort, { once: true })
    if (how.signal?.aborted === true) abort()
    const upload = this.#upload(kind, key, bucket, { ...how, signal: aborting.signal })
    const running = { abort, isOver: upload.catch(() => undefined) }
    this.#uploads.set(key, running)
    await upload.finally(() => {
      how.signal?.removeEventListener('abort', abort)
      if (this.#uploads.get(key) === running) this.#uploads.delete(key)
    })
  }

  async #upload(kind: ProductKind, key: string, bucket: ObjectStore, how: Required<UploadHow>): Promise<void> {
    const { local, cacheControl } = this.#places[kind]
    const kept = await local.head(key)
    const there = await bucket.head(key)
    if (kept === null) {
      // An attempt whose end nobody heard of has removed it, or one with the file that was kept before.
      if (there !== null && (how.isReplacing || (there.token ?? how.token) === how.token)) return
      throw new ReceiverError('not-found')
    }
    // One that may be replaced goes again: an older one of its size would pass for it.
    const isOwn = !how.isReplacing && there?.token === how.token && there.size === kept.size
    if (!isOwn) {
      // Also where conditions are honoured: of large files some services ignore them.
      if (there !== null && !how.isReplacing) throw new StorageError('exists', false)
      const { conditionalCreate } = bucket.capabilities
      await bucket.put(key, contentIn(local, key, kept.size), {
        contentType: contentTypeOf(key),
        cacheControl,
        token: how.token,
        ifAbsent: conditionalCreate && !how.isReplacing,
        signal: how.signal,
      })
      await bucket.flush()
    }
    await this.#turns.take(key, () => removeUnchanged(local, key, kept))
  }

  async file(kind: ProductKind, app: string, name: string): Promise<ReadableFile> {
    const { local, bucket } = this.#places[kind]
    const key = productKey(kind, app, name)
    // Read where it lies at that moment: it may be brought to the bucket meanwhile.
    const store = bucket === undefined ? local : alsoReadFrom(local, bucket)
    const head = await store.head(key).catch((cause: unknown) => {
      throw new ReceiverError('storage-unavailable', undefined, { cause })
    })
    if (head === null) throw new ReceiverError('not-found')
    const { size, modifiedAt } = head
    return {
      content: contentIn(store, key, size),
      contentType: contentTypeOf(name),
      // Of a video the same here and in the bucket: its name is never given again, and players go on where they stopped.
      etag: kind === 'vod' ? `vod-${size}` : `${size}-${Math.floor(modifiedAt)}`,
      modifiedAt,
      isImmutable: kind === 'vod',
    }
  }

  async exists(kind: ProductKind, app: string, name: string): Promise<boolean> {
    const { local, bucket } = this.#places[kind]
    const key = productKey(kind, app, name)
    if ((await local.head(key)) !== null) return true
    // An upload of the same name is refused as `exists` all the same.
    const there = await bucket?.head(key).catch(() => null)
    return there !== undefined && there !== null
  }

  async remove(kind: ProductKind, app: string, name: string, own: OwnUpload): Promise<void> {
    const { local, bucket } = this.#places[kind]
    const key = productKey(kind, app, name)
    const running = this.#uploads.get(key)
    running?.abort()
    await running?.isOver
    await this.#turns.take(key, () => removeFrom(local, key))
    const there = await bucket?.head(key)
    if (bucket === undefined || there === undefined || there === null) return
    const isOwn = there.token === undefined ? own.isUploaded : there.token === own.token
    if (isOwn) await removeFrom(bucket, key)
  }

  async discard(kind: ProductKind, app: string, name: string): Promise<void> {
    const key = productKey(kind, app, name)
    await this.#turns.take(key, () => removeFrom(this.#places[kind].local, key))
  }
}

/** The bytes of a file, which must not have become another's of a different size meanwhile. */
function contentIn(store: ObjectStore, key: string, size: number): BodyContent {
  return {
    size,
    async *stream(start = 0, end = size) {
      const found = await store.get(key, { range: { start, end }, size })
      if (found?.size !== size) {
        await found?.body[Symbol.asyncIterator]().return?.()
        throw new StorageError('unavailable', true)
      }
      yield* found.body
    },
  }
}

/** Removes what was uploaded, unless another was kept under the name meanwhile. */
async function removeUnchanged(local: ObjectStore, key: string, kept: ObjectHead): Promise<void> {
  const now = await local.head(key)
  if (now?.size === kept.size && now.modifiedAt === kept.modifiedAt) await removeFrom(local, key)
}

/** Removes for good: one that comes back when the power fails would hide a newer one in the bucket. */
async function removeFrom(store: ObjectStore, key: string): Promise<void> {
  await store.delete([key])
  await store.flush()
}
