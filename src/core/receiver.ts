import { Catalog, contentOf, type Placing } from './catalog.ts'
import { Custody } from './custody.ts'
import { type EndMessage, parseEndMessage } from './end-message.ts'
import { ReceiverError } from './errors.ts'
import { contentTypeOf, fileKind } from './file-kind.ts'
import { MAX_END_MESSAGE_BYTES, MAX_KEY_BYTES, MAX_PLAYLIST_BYTES } from './limits.ts'
import type { ObjectStore } from './object-store.ts'
import type { BodyContent, BodyFiles, BodySource, Host, Journal } from './ports.ts'
import { Publisher } from './publisher.ts'
import { keys, type StoredObject, splitAppKey } from './records.ts'
import { StoreWriter, storeKey } from './store-writer.ts'
import type { Mount } from './upload-target.ts'

/** What a receiver is made of. */
export interface ReceiverParts {
  readonly host: Host
  readonly journal: Journal
  readonly files: BodyFiles
  readonly store: ObjectStore
  readonly mounts: readonly Mount[]
  /** Largest segment, in bytes; a single-file upload lasts a whole broadcast. */
  readonly maxSegmentBytes: number
}

/** What became of an upload: `empty` bodies change nothing. */
export type UploadOutcome = 'created' | 'replaced' | 'same' | 'empty'

/** A file as it is answered to a GET. */
export interface ReadableFile {
  readonly content: BodyContent
  readonly contentType: string
  /** Strong entity tag without its quotes. */
  readonly etag: string
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  /** Whether the bytes under this name never change. */
  readonly isImmutable: boolean
}

/** The use cases: one method for each thing an encoder or a player can ask. */
export class Receiver {
  readonly #parts: ReceiverParts
  readonly #custody: Custody
  readonly #catalog: Catalog
  readonly #publisher: Publisher
  readonly #writer: StoreWriter

  constructor(parts: ReceiverParts) {
    const { host, journal, files, store, mounts } = parts
    this.#parts = parts
    this.#custody = new Custody(host, files)
    this.#catalog = new Catalog(host, journal, files)
    this.#writer = new StoreWriter(host, journal, this.#catalog, files, store)
    this.#publisher = new Publisher(host, journal, this.#catalog, mounts, (app, name, served, fresh) =>
      this.#writer.storePlaylist(app, name, served, fresh),
    )
  }

  /** Goes on where the last life of this receiver stopped; nothing may be uploaded before it resolves. */
  async recover(): Promise<void> {
    const { journal, files } = this.#parts
    const orphans = (await files.list()).filter((id) => journal.get(keys.unstored(id)) === undefined)
    await files.remove(orphans)
    this.#writer.recover()
    const unstored = new Set([...journal.entries('m/')].map(([key]) => key.slice(0, key.indexOf('\u0001'))))
    for (const key of unstored) {
      const { app, name } = splitAppKey(key)
      const served = this.#publisher.served(app, name)
      if (served !== undefined) this.#writer.storePlaylist(app, name, served, this.#writer.pendingOf(app))
    }
    await this.#publisher.recover()
  }

  /** Takes one upload into custody and publishes what it makes whole. Resolves when the acknowledgement may be sent. */
  async upload(at: Placing, source: BodySource): Promise<UploadOutcome> {
    const kind = fileKind(at.name)
    if (kind === undefined) throw new ReceiverError('file-kind-unsupported')
    // What stands in a query may be a token, and a playlist's name is public.
    if (kind === 'playlist' && at.name.includes('?')) throw new ReceiverError('name-invalid')
    if (!this.#writer.hasRoom) throw new ReceiverError('storage-unavailable', 'Too much waits for the store.')
    const began = this.#parts.host.clock.now()
    const limits = { playlist: MAX_PLAYLIST_BYTES, key: MAX_KEY_BYTES, segment: this.#parts.maxSegmentBytes }
    const body = await this.#custody.take(source, limits[kind], kind === 'playlist')
    if (body.size === 0) return 'empty'
    const ms = () => this.#parts.host.clock.now() - began
    if (kind === 'playlist') {
      const bytes = body.bytes ?? (await this.#bytesOf(body.id))
      const { isNew } = await this.#publisher.accept(at, bytes).finally(() => this.#custody.release(body))
      this.#parts.host.log.info('accepted', { app: at.app, name: at.name, bytes: body.size, ms: ms() })
      return isNew ? 'created' : 'replaced'
    }
    const { object, isNew } = await this.#catalog.place(at, body).catch(async (error: unknown) => {
      await this.#custody.release(body)
      throw error
    })
    if (isNew) this.#writer.store(at.app, object)
    else await this.#custody.release(body)
    this.#publisher.arrived(at.app, at.name)
    this.#parts.host.log.info('accepted', { app: at.app, name: object.stored, bytes: body.size, ms: ms() })
    return isNew ? 'created' : 'same'
  }

  /** What the encoder itself wrote under a name, byte for byte. Throws `not-found`. */
  async readBack(at: Placing): Promise<ReadableFile> {
    if (fileKind(at.name) === 'playlist') {
      const bytes = this.#publisher.accepted(at.app, at.name)
      if (bytes === undefined) throw new ReceiverError('not-found')
      return playlistFile(at.name, bytes, this.#hashOf(bytes), this.#parts.host.clock.now())
    }
    const object = this.#catalog.newest(at)
    if (object === undefined) throw new ReceiverError('not-found')
    return this.#objectFile(at.app, object)
  }

  /** What players get under a stored name. Throws `not-found`. */
  async serve(app: string, name: string): Promise<ReadableFile> {
    if (fileKind(name) === 'playlist') {
      const served = this.#publisher.served(app, name)
      if (served === undefined) throw new ReceiverError('not-found')
      return playlistFile(name, served.bytes, `${served.publishedAt}-${served.version}`, served.publishedAt)
    }
    const object = this.#catalog.object(app, name)
    if (object === undefined) throw new ReceiverError('not-found')
    return this.#objectFile(app, object)
  }

  /** Takes AMS's message that a stream, or one of its renditions, has ended. Throws `end-message-invalid` or `key-scope`. */
  async endOfStream(app: string, owner: string, source: BodySource): Promise<EndMessage> {
    const body = await this.#custody.take(source, MAX_END_MESSAGE_BYTES)
    const message = parseEndMessage(body.bytes ?? new Uint8Array(0))
    if (owner !== '' && owner !== message.streamId) throw new ReceiverError('key-scope')
    this.#parts.host.log.info('end of stream', { app, stream: message.streamId })
    return message
  }

  /** Brings what it can to the store within `ms`; the rest goes on at the next start. */
  async close(ms: number): Promise<void> {
    await this.#writer.close(ms)
  }

  /** Whether uploads are taken at all. */
  get hasRoom(): boolean {
    return this.#writer.hasRoom
  }

  /** Objects that the store lacks at the moment. */
  get storeQueue(): number {
    return this.#writer.length
  }

  #hashOf(bytes: Uint8Array): string {
    const digest = this.#parts.host.createDigest()
    digest.update(bytes)
    return digest.hex()
  }

  async #bytesOf(id: string): Promise<Uint8Array> {
    const content = await this.#parts.files.open(id)
    if (content === null) throw new ReceiverError('internal-error')
    const bytes = new Uint8Array(content.size)
    let at = 0
    for await (const chunk of content.stream()) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  }

  async #objectFile(app: string, object: StoredObject): Promise<ReadableFile> {
    const content = (await this.#catalog.content(object)) ?? (await this.#contentInStore(app, object))
    return {
      content,
      contentType: contentTypeOf(object.stored),
      etag: object.hash.slice(0, 32),
      modifiedAt: object.acceptedAt,
      isImmutable: true,
    }
  }

  async #contentInStore(app: string, object: StoredObject): Promise<BodyContent> {
    const { store } = this.#parts
    const key = storeKey(app, object.stored)
    if ((await store.head(key)) === null) throw new ReceiverError('not-found')
    return {
      size: object.size,
      async *stream(start = 0, end = object.size) {
        const found = await store.get(key, { range: { start, end } })
        if (found === null) throw new ReceiverError('storage-unavailable')
        yield* found.body
      },
    }
  }
}

function playlistFile(name: string, bytes: Uint8Array, etag: string, modifiedAt: number): ReadableFile {
  return { content: contentOf(bytes), contentType: contentTypeOf(name), etag, modifiedAt, isImmutable: false }
}
