import { RunDates } from './archive/run-dates.ts'
import { listOfRuns } from './archive/runs.ts'
import { atMost } from './at-most.ts'
import { Catalog, type Placing } from './catalog.ts'
import { Custody } from './custody.ts'
import { type EndMessage, parseEndMessage } from './end-message.ts'
import { ReceiverError } from './errors.ts'
import { contentTypeOf, fileKind } from './file-kind.ts'
import { MAX_END_MESSAGE_BYTES, MAX_KEY_BYTES } from './limits.ts'
import { MediaUploads } from './media-uploads.ts'
import { objectContent } from './object-content.ts'
import type { ObjectStore } from './object-store.ts'
import { OpenBodies } from './open-bodies.ts'
import { Placement } from './placement.ts'
import type { NamedObjects } from './playlist-commit.ts'
import { PlaylistUploads } from './playlist-uploads.ts'
import type { PlaylistWarnings } from './playlist-warnings.ts'
import type { BodyFiles, BodySource, Host, Journal } from './ports.ts'
import { Publisher } from './publisher.ts'
import type { Quarantined } from './quarantine.ts'
import { playlistFile, type ReadableFile } from './readable-file.ts'
import { keys, type StoredObject, splitAppKey } from './records.ts'
import type { PolicyFor } from './restart-policy.ts'
import { RunPlaylists } from './run-playlists.ts'
import { type StaleRule, StaleWatch } from './stale-rule.ts'
import { StoredNames } from './stored-names.ts'
import type { SpoolState } from './storing/spool.ts'
import { StoreWriter } from './storing/store-writer.ts'
import type { StoringRules } from './storing/storing-rules.ts'
import { StreamEnds } from './stream-ends.ts'
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
}

/** What became of an upload: `empty` bodies change nothing. */
export type UploadOutcome = 'created' | 'replaced' | 'same' | 'empty'

/** The use cases: one method for each thing an encoder or a player can ask. */
export class Receiver {
  readonly #parts: ReceiverParts
  readonly #custody: Custody
  readonly #catalog: Catalog
  readonly #publisher: Publisher
  readonly #writer: StoreWriter
  readonly #media: MediaUploads
  readonly #playlists: PlaylistUploads
  readonly #ends: StreamEnds
  readonly #stale: StaleWatch
  readonly #runPlaylists: RunPlaylists

  constructor(parts: ReceiverParts) {
    const { host, journal, files, store, mounts, stale, zone, policyFor, storing } = parts
    this.#parts = parts
    const catalog = new Catalog(journal, files)
    const writer = new StoreWriter({ host, journal, catalog, files, store, rules: storing })
    const dates = new RunDates(journal, zone)
    const names = new StoredNames({
      clock: host.clock,
      policyFor,
      dates,
      isTaken: (app, stored) => journal.get(keys.taken(app, stored)) !== undefined,
    })
    const made = {
      host,
      journal,
      files,
      catalog,
      placement: new Placement({ host, journal, catalog, policyFor, names }),
      open: new OpenBodies(),
    }
    this.#custody = new Custody(host, files)
    this.#catalog = catalog
    this.#writer = writer
    this.#publisher = new Publisher({
      ...made,
      mounts,
      dates,
      policyFor,
      contentOf: (app, object) => objectContent(catalog, store, app, object),
      onOpened: (app, object) => writer.announce(app, object),
      onPublished: (app, name, names) => this.#published(app, name, names),
    })
    const { recordings } = this.#publisher
    this.#runPlaylists = new RunPlaylists({ journal, log: host.log, recordings, writer })
    const onArrived = (app: string, name: string) => this.#publisher.arrived(app, name)
    this.#media = new MediaUploads({ ...made, custody: this.#custody, writer, onArrived })
    this.#playlists = new PlaylistUploads(host)
    this.#stale = new StaleWatch(stale, host.clock)
    this.#ends = new StreamEnds(host, journal, (app, name) => this.#publisher.end(app, name))
  }

  /** Goes on where the last life of this receiver stopped; nothing may be uploaded before it resolves. */
  async recover(): Promise<void> {
    const { journal, files } = this.#parts
    const isNeeded = (id: string) =>
      journal.get(keys.unstored(id)) !== undefined || journal.get(keys.open(id)) !== undefined
    await files.remove((await files.list()).filter((id) => !isNeeded(id)))
    this.#writer.recover()
    await this.#media.recover()
    const unstored = new Set([...journal.entries('m/')].map(([key]) => key.slice(0, key.indexOf('\u0001'))))
    const playlists = [...unstored].map(splitAppKey)
    const isLast = ({ app, name }: { app: string; name: string }) => this.#publisher.isMultivariant(app, name)
    const inOrder = [...playlists.filter((each) => !isLast(each)), ...playlists.filter(isLast)]
    for (const { app, name } of inOrder) this.#published(app, name, undefined)
    await this.#publisher.recover()
    this.#ends.recover()
  }

  /** Takes one upload into custody and publishes what it makes whole. Resolves when the acknowledgement may be sent. */
  async upload(at: Placing, source: BodySource): Promise<UploadOutcome> {
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

  /** Brings a playlist into the store, and the run that ended with it; a name that nobody uploaded is that of a run. */
  #published(app: string, name: string, names: NamedObjects | undefined): void {
    if (this.#publisher.served(app, name) === undefined) {
      this.#runPlaylists.store(app, name)
      return
    }
    this.#writer.storePlaylist(app, name, names, () => this.#publisher.served(app, name))
    if (this.#publisher.hasEnded(app, name)) this.#runPlaylists.storeNewest(app, name)
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
      const served = this.#publisher.served(app, name) ?? (await this.#publisher.recordings.servedRun(app, name))
      if (served === undefined || this.#isGone(app, name, served.liveSince)) throw new ReceiverError('not-found')
      return playlistFile(name, served.bytes, `${served.publishedAt}-${served.version}`, served.publishedAt)
    }
    const object = this.#catalog.object(app, name)
    if (object === undefined) throw new ReceiverError('not-found')
    return this.#objectFile(app, object)
  }

  /** Ends a stale playlist, for those who ask next: a read waits for no write. */
  #isGone(app: string, name: string, liveSince: number | undefined): boolean {
    const action = this.#stale.actionFor(liveSince)
    if (action === 'end') {
      this.#publisher.end(app, name).catch((cause: unknown) => {
        this.#parts.host.log.error('stale playlist not ended', { app, name, cause })
      })
    }
    return action === 'gone'
  }

  /** The recording of a playlist: all runs as one VOD playlist. Throws `not-found`. */
  async recording(app: string, name: string): Promise<ReadableFile> {
    const recorded = fileKind(name) === 'playlist' ? await this.#publisher.recordings.recorded(app, name) : undefined
    if (recorded === undefined) throw new ReceiverError('not-found')
    const { bytes, version, publishedAt } = recorded
    return playlistFile(name, bytes, `vod-${publishedAt}-${version}`, publishedAt)
  }

  /** The runs of a playlist as JSON: their names, and when they began. Throws `not-found`. */
  runs(app: string, name: string): ReadableFile {
    const runs = this.#publisher.recordings.runs(app, name)
    if (runs === undefined) throw new ReceiverError('not-found')
    const modifiedAt = runs.at(-1)?.startedAt ?? 0
    const etag = `runs-${runs.length}-${modifiedAt}`
    return { ...playlistFile(name, listOfRuns(runs), etag, modifiedAt), contentType: 'application/json' }
  }

  /** The playlist that a name without a date-time stands for, as its encoder names it; undefined where it stands for itself. */
  dated(app: string, name: string): string | undefined {
    return fileKind(name) === 'playlist' ? this.#publisher.recordings.dated(app, name) : undefined
  }

  /** Takes AMS's message that a stream, or one of its renditions, has ended. Throws `end-message-invalid` or `key-scope`. */
  async endOfStream(app: string, owner: string, source: BodySource): Promise<EndMessage> {
    const body = await this.#custody.take(source, MAX_END_MESSAGE_BYTES)
    const message = parseEndMessage(body.bytes ?? new Uint8Array(0))
    if (owner !== '' && owner !== message.streamId) throw new ReceiverError('key-scope')
    this.#parts.host.log.info('end of stream', { app, stream: message.streamId })
    await this.#ends.note(app, message)
    return message
  }

  /** Brings what it can to the store within `ms`; the rest goes on at the next start. */
  async close(ms: number): Promise<void> {
    const { clock } = this.#parts.host
    const deadline = clock.now() + ms
    this.#ends.stop()
    await atMost(clock, ms, this.#publisher.stop())
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

  #hashOf(bytes: Uint8Array): string {
    const digest = this.#parts.host.createDigest()
    digest.update(bytes)
    return digest.hex()
  }

  async #objectFile(app: string, object: StoredObject): Promise<ReadableFile> {
    const content = await objectContent(this.#catalog, this.#parts.store, app, object)
    return {
      content,
      contentType: contentTypeOf(object.stored),
      etag: object.isOpen === true ? `${object.id}-${object.size}` : object.hash.slice(0, 32),
      modifiedAt: object.acceptedAt,
      isImmutable: object.isOpen !== true && object.isReplaceable !== true,
    }
  }
}
