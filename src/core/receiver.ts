import { RunDates } from './archive/run-dates.ts'
import { atMost } from './at-most.ts'
import { Catalog, type Placing } from './catalog.ts'
import { Custody } from './custody.ts'
import { type EndMessage, parseEndMessage } from './end-message.ts'
import { ReceiverError } from './errors.ts'
import { fileKind } from './file-kind.ts'
import { Followed, type Follower } from './follower.ts'
import { MAX_END_MESSAGE_BYTES, MAX_KEY_BYTES } from './limits.ts'
import { MediaUploads } from './media-uploads.ts'
import { objectContent } from './object-content.ts'
import type { ObjectStore } from './object-store.ts'
import { OpenBodies } from './open-bodies.ts'
import { Origin, type ServedProducts } from './origin.ts'
import { Placement } from './placement.ts'
import { liveSinceOf, type PlaylistRecord } from './playlist-record.ts'
import { PlaylistUploads } from './playlist-uploads.ts'
import type { PlaylistWarnings } from './playlist-warnings.ts'
import type { BodyFiles, BodySource, Host, Journal } from './ports.ts'
import { isProduct } from './products/product-names.ts'
import { PublishedPlaylists } from './published-playlists.ts'
import { Publisher } from './publisher.ts'
import type { Quarantined } from './quarantine.ts'
import type { Recordings } from './recordings.ts'
import { keys, type StoredObject } from './records.ts'
import { type DeletionRules, NOTHING_DELETED } from './removal/deletion-rule.ts'
import { Leaving } from './removal/leaving.ts'
import { isRemoved } from './removal/removed-names.ts'
import { Removing } from './removal/removing.ts'
import type { PolicyFor } from './restart-policy.ts'
import { Running } from './running.ts'
import type { Sharing } from './sharing/sharing.ts'
import { Silence } from './silence.ts'
import type { StaleRule } from './stale-rule.ts'
import { StoredNames } from './stored-names.ts'
import type { SpoolState } from './storing/spool.ts'
import { StoreWriter } from './storing/store-writer.ts'
import type { StoringRules } from './storing/storing-rules.ts'
import { StreamEnds } from './stream-ends.ts'
import { UnknownHashes } from './take-over/unknown-hashes.ts'
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
  readonly stale: StaleRule
  /** IANA time zone of the names of runs. */
  readonly zone: string
  readonly policyFor: PolicyFor
  readonly storing: StoringRules
  readonly sharing: Sharing
  /** Entries of a recording that are put into one block for good, RECORDING_BLOCK_ENTRIES unless a test has fewer. */
  readonly blockEntries: number
  /** What is removed by itself; absent: nothing is. */
  readonly deletion?: DeletionRules
  /** What is made of recordings; absent: nothing is. */
  readonly products?: ServedProducts
}

/** What became of an upload: `empty` bodies change nothing. */
export type UploadOutcome = 'created' | 'replaced' | 'same' | 'empty'

/** The use cases: one method for each thing an encoder or a player can ask. */
export class Receiver {
  readonly #parts: ReceiverParts
  readonly #custody: Custody
  /** Whether an upload has a name below `/:app/streams/` already, which is not durable yet. */
  readonly isNamePending: Placement['isPending']
  /** What is read. */
  readonly origin: Origin
  readonly #publisher: Publisher
  readonly #writer: StoreWriter
  readonly #media: MediaUploads
  readonly #playlists: PlaylistUploads
  readonly #ends: StreamEnds
  readonly #published: PublishedPlaylists
  readonly #silence: Silence
  readonly #removing: Removing
  readonly #running = new Running()
  readonly #followed = new Followed()

  constructor(parts: ReceiverParts) {
    const { host, journal, files, store, mounts, stale, zone } = parts
    const { policyFor, storing, sharing, blockEntries, products, deletion = NOTHING_DELETED } = parts
    this.#parts = parts
    const leaving = new Leaving()
    const catalog = new Catalog(journal, files, leaving)
    const writer = new StoreWriter({ host, journal, catalog, files, store, rules: storing })
    const dates = new RunDates(journal, zone)
    const names = new StoredNames({
      ...{ clock: host.clock, policyFor, dates },
      isTaken: (app, stored) => journal.get(keys.taken(app, stored)) !== undefined || isRemoved(journal, app, stored),
      isProduct: (app, stored) => isProduct(journal, app, stored),
      isGiven: (app, stored) => this.#followed.isNameGiven(app, stored),
      isLeaving: (app, stored) => leaving.has(app, stored),
      isOwn: sharing.isOwnName,
    })
    const made = {
      host,
      journal,
      files,
      catalog,
      placement: new Placement({ host, journal, catalog, policyFor, names, leaving }),
      open: new OpenBodies(),
      sharing,
      leaving,
      dates,
    }
    this.isNamePending = made.placement.isPending.bind(made.placement)
    this.#custody = new Custody(host, files)
    this.#writer = writer
    const contentOf = (app: string, object: StoredObject) => objectContent(catalog, store, app, object)
    const publisher = new Publisher({
      ...made,
      mounts,
      policyFor,
      blockEntries,
      bornFrom: (app, name) => this.#removing.removals.bornFrom(app, name),
      contentOf,
      onOpened: (app, object) => writer.announce(app, object),
      onPublished: (app, name, names) => this.#published.store(app, name, names),
      onRunBegun: (app, name) => this.#published.runBegan(app, name),
    })
    this.#publisher = publisher
    const end = (app: string, name: string) => publisher.end(app, name)
    const liveSince = (app: string, name: string) => liveSinceOf(publisher.record(app, name))
    this.#silence = new Silence({ host, journal, stale, liveSince, end })
    const onMedia = (app: string, name: string, isEnded: boolean) => {
      if (isEnded) this.#removing.streams.ended(app, name)
      this.#followed.published(app, name, isEnded)
    }
    const silence = this.#silence
    this.#published = new PublishedPlaylists({ host, journal, publisher, writer, sharing, silence, onMedia })
    const needs = this.#followed
    const removing = { ...made, publisher, published: this.#published, silence, writer, rules: deletion, needs }
    this.#removing = new Removing(removing)
    const onArrived = (app: string, name: string) => {
      publisher.arrived(app, name)
      this.#published.recordingParts.arrived(app, name)
    }
    const hashes = new UnknownHashes({ ...made, policyFor, contentOf })
    this.#media = new MediaUploads({ ...made, custody: this.#custody, writer, hashes, onArrived })
    this.#playlists = new PlaylistUploads(host)
    this.origin = new Origin({ host, store, catalog, publisher, stale, sharing, ...(products && { products }) })
    this.#ends = new StreamEnds(host, journal, end)
  }

  /** Has one be told what happens to streams; before `recover`. */
  followedBy(follower: Follower): void {
    this.#followed.by = follower
  }

  /** A playlist as it was accepted last, and is served; undefined when it was not. */
  record(app: string, name: string): PlaylistRecord | undefined {
    return this.#publisher.record(app, name)
  }

  /** Whether the store has a playlist as it is served, and all of its runs, with what they lead to. */
  isStored(app: string, name: string): boolean {
    return this.#published.isStored(app, name)
  }

  /** What was recorded of playlists. */
  get recordings(): Recordings {
    return this.#publisher.recordings
  }

  /** Goes on where the last life of this receiver stopped; nothing may be uploaded before it resolves. */
  async recover(): Promise<void> {
    const { journal, files } = this.#parts
    const isNeeded = (id: string) =>
      journal.get(keys.unstored(id)) !== undefined || journal.get(keys.open(id)) !== undefined
    await files.remove((await files.list()).filter((id) => !isNeeded(id)))
    await this.#removing.recover()
    this.#writer.recover()
    await this.#media.recover()
    this.#silence.recover()
    this.#published.recover()
    await this.#publisher.recover()
    this.#ends.recover()
    this.#removing.begin()
  }

  /** Takes one upload into custody and publishes what it makes whole. Resolves when the acknowledgement may be sent. */
  upload(at: Placing, source: BodySource): Promise<UploadOutcome> {
    return this.#running.during(() => this.#removing.uploads.during(at, () => this.#upload(at, source)))
  }

  async #upload(at: Placing, source: BodySource): Promise<UploadOutcome> {
    const kind = fileKind(at.name)
    if (kind === undefined) throw new ReceiverError('file-kind-unsupported')
    // What stands in a query may be a token, and a playlist's name is public.
    if (kind === 'playlist' && at.name.includes('?')) throw new ReceiverError('name-invalid')
    if (!this.#writer.hasRoomFor(source.declaredBytes ?? 0)) throw new ReceiverError('spool-full')
    if (kind === 'playlist') return this.#uploadPlaylist(at, source)
    const { clock, log } = this.#parts.host
    const began = clock.now()
    const taken = await this.#media.take(at, source, kind === 'key' ? MAX_KEY_BYTES : this.#parts.maxSegmentBytes)
    if (taken === undefined) return 'empty'
    const { stored, size } = taken.object
    this.#count(size)
    log.info('accepted', { app: at.app, name: stored, bytes: size, ms: clock.now() - began })
    return taken.isNew ? 'created' : 'same'
  }

  async #uploadPlaylist(at: Placing, source: BodySource): Promise<UploadOutcome> {
    const { clock, log, nextId } = this.#parts.host
    const began = clock.now()
    // Ids are compared with those of segments: what matters is which upload began first.
    const id = nextId()
    return this.#playlists.take(source, this.#publisher.known(at.app, at.name), async (upload) => {
      if (upload.bytes === 0) return 'empty'
      const { isNew } = await this.#publisher.accept(at, id, began, upload)
      this.#count(upload.bytes)
      log.info('accepted', { app: at.app, name: at.name, bytes: upload.bytes, ms: clock.now() - began })
      return isNew ? 'created' : 'replaced'
    })
  }

  /** Takes note that an encoder deletes a file, which may be needed for a while. Resolves when the acknowledgement may be sent. */
  async delete(at: Placing): Promise<void> {
    await this.#running.during(() => this.#removing.mirror.deleted(at))
  }

  /** Takes AMS's message that a stream, or one of its renditions, has ended. Throws `end-message-invalid` or `key-scope`. */
  endOfStream(app: string, owner: string, source: BodySource): Promise<EndMessage> {
    return this.#running.during(() => this.#endOfStream(app, owner, source))
  }

  async #endOfStream(app: string, owner: string, source: BodySource): Promise<EndMessage> {
    const body = await this.#custody.take(source, MAX_END_MESSAGE_BYTES)
    const message = parseEndMessage(body.bytes ?? new Uint8Array(0))
    if (owner !== '' && owner !== message.streamId) throw new ReceiverError('key-scope')
    this.#parts.host.log.info('end of stream', { app, stream: message.streamId })
    await this.#ends.note(app, message)
    return message
  }

  /** Finishes running uploads, and brings what it can to the store within `ms`; the rest goes on at the next start. */
  async close(ms: number): Promise<void> {
    const { clock } = this.#parts.host
    const deadline = clock.now() + ms
    this.#ends.stop()
    this.#silence.stop()
    const removing = this.#removing.stop()
    // The sender of a whole body may be gone already: its connection says nothing of what runs.
    await atMost(clock, ms, this.#running.none())
    await atMost(clock, Math.max(0, deadline - clock.now()), this.#publisher.stop())
    await atMost(clock, Math.max(0, deadline - clock.now()), Promise.all([this.#published.stop(), removing]))
    await this.#writer.close(Math.min(ms, Math.max(0, deadline - clock.now())))
  }

  /** Whether uploads are taken at all. */
  get hasRoom(): boolean {
    return this.#writer.hasRoomFor(0)
  }

  /** What waits for the store. */
  get spooled(): SpoolState {
    return this.#writer.spooled
  }

  /** Whether the store does not answer. */
  get isStoreDown(): boolean {
    return this.#writer.isStoreDown
  }

  /** What is to be looked after: objects that the store lacks, refused playlists that are kept, warnings so far. */
  get counts(): { storeQueue: number; quarantinedPlaylists: number; playlistWarnings: number } {
    const { quarantine, warnings } = this.#publisher
    const quarantinedPlaylists = quarantine.list().length
    return { storeQueue: this.spooled.objects, quarantinedPlaylists, playlistWarnings: warnings.total }
  }

  /** Playlists that were refused, oldest first. */
  get quarantined(): readonly Quarantined[] {
    return this.#publisher.quarantine.list()
  }

  /** The warnings of accepted playlists. */
  get warnings(): PlaylistWarnings {
    return this.#publisher.warnings
  }

  #count(bytes: number): void {
    const { meter } = this.#parts.host
    meter.count('accepted')
    meter.count('acceptedBytes', bytes)
  }
}
