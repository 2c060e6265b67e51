import type { ClipRange } from './archive/clip.ts'
import type { RecordedForm } from './archive/recorded-variants.ts'
import { listOfRuns } from './archive/runs.ts'
import type { Catalog, Placing } from './catalog.ts'
import { ReceiverError } from './errors.ts'
import { contentTypeOf, fileKind, isPicture } from './file-kind.ts'
import { contentInStore, objectContent } from './object-content.ts'
import type { ObjectStore } from './object-store.ts'
import type { ServedPlaylist } from './playlist-text.ts'
import type { Host } from './ports.ts'
import type { Products } from './products/products.ts'
import type { Publisher } from './publisher.ts'
import { playlistFile, type ReadableFile } from './readable-file.ts'
import type { StoredObject } from './records.ts'
import { SharedRecording } from './sharing/shared-recording.ts'
import type { Sharing } from './sharing/sharing.ts'
import { type StaleRule, StaleWatch } from './stale-rule.ts'
import { storeKey } from './storing/store-key.ts'

/** Files that are made of recordings, as the origin serves them. */
export interface ServedProducts {
  readonly files: Products
  /** Whether a name below `/:app/streams/` is that of such a file, or was; at no cost to speak of. */
  isProduct(app: string, name: string): boolean
  /** Whether there may be a picture of a name below `/:app/previews/`; likewise. */
  mayBePicture(app: string, name: string): boolean
}

/** What is read by the origin. */
export interface OriginParts {
  readonly host: Host
  readonly store: ObjectStore
  readonly catalog: Catalog
  readonly publisher: Publisher
  readonly stale: StaleRule
  readonly sharing: Sharing
  readonly products?: ServedProducts
}

/** What players and CDNs read, and what encoders read of their own. */
export class Origin {
  readonly #parts: OriginParts
  readonly #stale: StaleWatch
  readonly #shared: SharedRecording

  constructor(parts: OriginParts) {
    this.#parts = parts
    this.#stale = new StaleWatch(parts.stale, parts.host.clock)
    this.#shared = new SharedRecording(parts.host.clock, parts.store, parts.publisher.recordings, parts.sharing)
  }

  /** What the encoder itself wrote under a name, byte for byte. Throws `not-found`. */
  async readBack(at: Placing): Promise<ReadableFile> {
    const { publisher, catalog, host } = this.#parts
    if (fileKind(at.name) === 'playlist') {
      const bytes = publisher.accepted(at.app, at.name)
      if (bytes === undefined) throw new ReceiverError('not-found')
      return playlistFile(at.name, bytes, this.#hashOf(bytes), host.clock.now())
    }
    const object = catalog.newest(at)
    if (object === undefined) throw new ReceiverError('not-found')
    return this.#objectFile(at.app, object)
  }

  /** What players get under a stored name. Throws `not-found`. */
  async serve(app: string, name: string): Promise<ReadableFile> {
    const { publisher, catalog } = this.#parts
    if (fileKind(name) === 'playlist') {
      const served = publisher.served(app, name)
      if (served === undefined) return this.#notUploaded(app, name)
      if (this.#isGone(app, name, served.liveSince)) throw new ReceiverError('not-found')
      return playlistFile(name, served.bytes, `${served.publishedAt}-${served.version}`, served.publishedAt)
    }
    const object = catalog.object(app, name)
    if (object !== undefined) return this.#objectFile(app, object)
    const { products } = this.#parts
    return products?.isProduct(app, name) === true ? products.files.file('vod', app, name) : this.#othersFile(app, name)
  }

  /** A picture of a stream. Throws `not-found`, `storage-unavailable`. */
  async preview(app: string, name: string): Promise<ReadableFile> {
    const { products } = this.#parts
    if (products?.mayBePicture(app, name) !== true || !isPicture(name)) throw new ReceiverError('not-found')
    return products.files.file('preview', app, name)
  }

  /** A run, or a multivariant playlist that was not uploaded. */
  async #notUploaded(app: string, name: string): Promise<ReadableFile> {
    const { variants, recordings } = this.#parts.publisher
    const run = await recordings.servedRun(app, name)
    if (run !== undefined) return this.#recordedFile(name, run, '')
    await variants.read(app, name)
    const made = variants.served(app, name, (liveSince) => this.#stale.actionFor(liveSince) === 'gone')
    if (made === undefined) throw new ReceiverError('not-found')
    return playlistFile(name, made.bytes, this.#hashOf(made.bytes), made.publishedAt)
  }

  /** Ends a stale playlist, for those who ask next: a read waits for no write. */
  #isGone(app: string, name: string, liveSince: number | undefined): boolean {
    const action = this.#stale.actionFor(liveSince)
    if (action === 'end') {
      this.#parts.publisher.end(app, name).catch((cause: unknown) => {
        this.#parts.host.log.error('stale playlist not ended', { app, name, cause })
      })
    }
    return action === 'gone'
  }

  /**
   * The recording of a playlist: all runs as one VOD playlist, or, as an event, as it grows; of a shared one an event has what this
   * receiver recorded. Throws `not-found`, `storage-unavailable`.
   */
  async recording(app: string, name: string, form: RecordedForm): Promise<ReadableFile> {
    if (fileKind(name) !== 'playlist') throw new ReceiverError('not-found')
    const shared = form === 'vod' ? await this.#sharedRecording(app, name) : undefined
    if (shared !== undefined) return playlistFile(name, shared, this.#hashOf(shared), this.#parts.host.clock.now())
    const { publisher } = this.#parts
    const isGone = form === 'event' && this.#isGone(app, name, publisher.served(app, name)?.liveSince)
    const recorded = isGone ? undefined : await publisher.recordings.recorded(app, name, form)
    if (recorded === undefined) throw new ReceiverError('not-found')
    return this.#recordedFile(name, recorded, form)
  }

  /**
   * What was live in a range of time, as a playlist of its own; `query` asks the same of the renditions of a multivariant playlist.
   * Of a shared recording it has what this receiver recorded. Throws `not-found`, `clip-empty`.
   */
  async clip(
    app: string,
    name: string,
    { range, query }: { readonly range: ClipRange; readonly query: string },
  ): Promise<ReadableFile> {
    const clip = await this.#parts.publisher.recordings.clip(app, name, range, query)
    if (clip === undefined) throw new ReceiverError('not-found')
    return this.#recordedFile(name, clip, query)
  }

  /** Media playlists are told apart by what they are of, since a hash of a day would cost more than the rest. */
  #recordedFile(name: string, { bytes, version, publishedAt, mark }: ServedPlaylist, asked: string): ReadableFile {
    const tag = mark === undefined ? this.#hashOf(bytes) : `${asked}-${publishedAt}-${version}-${mark}`
    return playlistFile(name, bytes, tag, publishedAt)
  }

  #sharedRecording(app: string, name: string): Promise<Uint8Array | undefined> {
    return this.#shared.recorded(app, name).catch((cause: unknown) => {
      // What others may have is not to be left out in silence.
      if (!this.#isFirstOwner(app, name)) throw new ReceiverError('storage-unavailable', undefined, { cause })
      this.#parts.host.log.warn('recording of others not read', { app, name, cause })
      return undefined
    })
  }

  #isFirstOwner(app: string, name: string): boolean {
    const terms = this.#parts.sharing.terms(app, name)
    return terms.length === 1 && terms[0]?.ordinal === 0
  }

  /** The runs of a playlist as JSON: their names, and when they began. Throws `not-found`. */
  runs(app: string, name: string): ReadableFile {
    const runs = this.#parts.publisher.recordings.runs(app, name)
    if (runs === undefined) throw new ReceiverError('not-found')
    const modifiedAt = runs.at(-1)?.startedAt ?? 0
    const etag = `runs-${runs.length}-${modifiedAt}`
    return { ...playlistFile(name, listOfRuns(runs), etag, modifiedAt), contentType: 'application/json' }
  }

  /** The playlist that a name without a date-time stands for, as its encoder names it; undefined where it stands for itself. */
  dated(app: string, name: string): string | undefined {
    return fileKind(name) === 'playlist' ? this.#parts.publisher.recordings.dated(app, name) : undefined
  }

  async #objectFile(app: string, object: StoredObject): Promise<ReadableFile> {
    const { catalog, store } = this.#parts
    return {
      content: await objectContent(catalog, store, app, object),
      contentType: contentTypeOf(object.stored),
      // Of what another receiver stored no hash is known.
      etag: object.hash === '' ? `${object.id}-${object.size}` : object.hash.slice(0, 32),
      modifiedAt: object.acceptedAt,
      isImmutable: object.isOpen !== true && object.isReplaceable !== true,
    }
  }

  /** What another receiver brought to the store that is shared. */
  async #othersFile(app: string, name: string): Promise<ReadableFile> {
    if (!this.#parts.sharing.isShared) throw new ReceiverError('not-found')
    const { content, modifiedAt } = await contentInStore(this.#parts.store, storeKey(app, name))
    const etag = `${content.size}-${modifiedAt}`
    return { content, contentType: contentTypeOf(name), etag, modifiedAt, isImmutable: false }
  }

  #hashOf(bytes: Uint8Array): string {
    const digest = this.#parts.host.createDigest()
    digest.update(bytes)
    return digest.hex()
  }
}
