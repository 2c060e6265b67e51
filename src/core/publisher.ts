import type { RunDates } from './archive/run-dates.ts'
import { AskedNotes } from './asked-notes.ts'
import { BlockKeeper } from './block-keeper.ts'
import type { Catalog, Placing } from './catalog.ts'
import { hasPassed } from './elapsed.ts'
import { ReceiverError } from './errors.ts'
import { STORE_RETRY_MIN_MS, SUSPECT_WAIT_MS } from './limits.ts'
import { MediaPublisher } from './media-publisher.ts'
import { MultivariantPublisher } from './multivariant-publisher.ts'
import type { OpenBodies } from './open-bodies.ts'
import type { Placement } from './placement.ts'
import { waitOf } from './playlist/gate.ts'
import type { PlaylistUpload } from './playlist/intake.ts'
import { UriLookup } from './playlist/lookup.ts'
import type { SealedPart } from './playlist/sealed-part.ts'
import { type NamedObjects, type OnPublished, PlaylistCommitter } from './playlist-commit.ts'
import { type ReadUpload, readUpload } from './playlist-reading.ts'
import type { PlaylistRecord } from './playlist-record.ts'
import { type PlaylistState, PlaylistStates, readSuspect, type Suspect } from './playlist-states.ts'
import { acceptedText, type ServedPlaylist, servedText } from './playlist-text.ts'
import { PlaylistWarnings } from './playlist-warnings.ts'
import type { BodyContent, Host, Journal } from './ports.ts'
import { Quarantine } from './quarantine.ts'
import { Recordings } from './recordings.ts'
import { type StoredObject, splitAppKey } from './records.ts'
import type { Leaving } from './removal/leaving.ts'
import type { PolicyFor } from './restart-policy.ts'
import type { Sharing } from './sharing/sharing.ts'
import { baseName } from './upload-path.ts'
import type { Mount } from './upload-target.ts'
import { MadeVariants } from './variants/made-variants.ts'
import { withoutStaleNote } from './waiting-note.ts'

/** What a publisher is made of. */
export interface PublisherParts {
  readonly host: Host
  readonly journal: Journal
  readonly catalog: Catalog
  readonly placement: Placement
  readonly open: OpenBodies
  readonly mounts: readonly Mount[]
  readonly dates: RunDates
  readonly policyFor: PolicyFor
  readonly sharing: Sharing
  /** Entries of a recording that are put into one block for good. */
  readonly blockEntries: number
  readonly leaving: Leaving
  /** Nothing that came under an id before this one is of a playlist; empty: whatever came may be. */
  readonly bornFrom: (app: string, name: string) => string
  /** The bytes of an object, wherever they are. */
  readonly contentOf: (app: string, object: StoredObject) => Promise<BodyContent>
  readonly onPublished: OnPublished
  /** Told of objects that are served while their body still arrives. */
  readonly onOpened: (app: string, object: StoredObject) => void
  readonly onRunBegun: (app: string, name: string) => void
}

/** Accepts playlists and serves them as far as what they name is here: one change of a playlist at a time. */
export class Publisher {
  readonly warnings: PlaylistWarnings
  readonly quarantine: Quarantine
  readonly recordings: Recordings
  readonly variants: MadeVariants
  readonly states: PlaylistStates
  readonly #parts: PublisherParts
  readonly #media: MediaPublisher
  readonly #multivariant: MultivariantPublisher
  readonly #committer: PlaylistCommitter
  readonly #asked: AskedNotes
  readonly #keeper: BlockKeeper
  #isStopped = false
  readonly lookup: (at: { readonly app: string; readonly name: string }, owner: string) => UriLookup

  constructor(parts: PublisherParts) {
    const { host, journal, catalog, open, mounts, policyFor } = parts
    this.#parts = parts
    this.warnings = new PlaylistWarnings(host.log)
    this.quarantine = new Quarantine(journal, host.clock)
    this.#asked = new AskedNotes(host, journal)
    this.states = new PlaylistStates(journal, host.log)
    this.#committer = new PlaylistCommitter(journal, this.states, (app, name, names) =>
      this.#published(app, name, names),
    )
    this.lookup = ({ app, name }, owner) => new UriLookup({ app, name, owner }, catalog, open, mounts)
    const object = (app: string, stored: string) => catalog.object(app, stored)
    const read = { host, journal, states: this.states, object, content: parts.contentOf }
    this.variants = new MadeVariants(read)
    this.recordings = new Recordings({ ...read, policyFor, lookup: this.lookup, variants: this.variants })
    const { durations } = this.recordings
    this.#keeper = new BlockKeeper({ ...read, durations, blockEntries: parts.blockEntries, lookup: this.lookup })
    const shared = {
      host,
      states: this.states,
      committer: this.#committer,
      lookup: this.lookup,
      wake: (state: PlaylistState) => this.#wake(state),
    }
    this.#media = new MediaPublisher({ ...parts, ...shared })
    this.#multivariant = new MultivariantPublisher({ ...parts, ...shared })
  }

  /** What is known of a playlist's beginning, so that an upload need not be read from there. */
  known(app: string, name: string): SealedPart | undefined {
    const record = this.record(app, name)
    return record?.kind === 'media' ? record.sealed : undefined
  }

  /**
   * Makes a playlist durable and publishes what can be of it. Throws `playlist-invalid`; the upload is in quarantine then.
   * Resolves when the acknowledgement may be sent.
   */
  async accept(at: Placing, id: string, cameAt: number, upload: PlaylistUpload): Promise<{ isNew: boolean }> {
    const state = this.states.use(at.app, at.name)
    return this.states.inTurn(state, async () => {
      const isNew = state.record === undefined
      try {
        await this.#take(state, { owner: at.owner, id, upload, since: cameAt })
      } catch (error) {
        // What the version before waits for may have been set aside for this one.
        this.#wake(state)
        throw error
      }
      return { isNew }
    })
  }

  /** What players get under a stored name; undefined when nothing was published yet. */
  served(app: string, name: string): ServedPlaylist | undefined {
    const state = this.states.find(app, name)
    if (state === undefined) return undefined
    const served = servedText(this.#parts.journal, state)
    this.states.account(state)
    return served
  }

  /** A playlist as it was accepted last, and is served; undefined when it was not. */
  record(app: string, name: string): PlaylistRecord | undefined {
    return this.states.find(app, name)?.record
  }

  /** The newest accepted text, in the encoder's words. An encoder that asks for it is about to go on from there. */
  accepted(app: string, name: string): Uint8Array | undefined {
    const state = this.states.find(app, name)
    if (state?.record === undefined) return undefined
    this.#asked.note(state)
    return acceptedText(this.#parts.journal, state, state.record)
  }

  /** A file arrived under an encoder name, or a playlist is served for the first time: those that wait for it look again. */
  arrived(app: string, name: string): void {
    for (const state of this.states.waitingFor(`${app}/${baseName(name)}`)) this.#wake(state)
  }

  /** Has a playlist look again for what it leads to; resolves when it has. */
  async lookAgain(app: string, name: string): Promise<void> {
    const state = this.states.find(app, name)
    if (state !== undefined) this.#wake(state)
    await state?.turn
  }

  /** Ends a media playlist whose stream is over, unless it goes on. */
  async end(app: string, name: string): Promise<void> {
    const state = this.states.find(app, name)
    if (state !== undefined) await this.states.inTurn(state, () => this.#media.end(state))
  }

  /** Takes up the playlists that waited when the receiver stopped. */
  async recover(): Promise<void> {
    const waiting = [...this.#parts.journal.entries('g/')].map(([key]) => splitAppKey(key))
    for (const { app, name } of waiting) {
      const state = this.states.use(app, name)
      this.#wake(state)
      await state.turn
    }
  }

  /** Ends the changes that nobody uploaded; what still waits goes on at the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#asked.stop()
    await this.#keeper.stop()
    await this.states.settled()
  }

  /** `isLast`: what still looks older then is older. */
  async #take(state: PlaylistState, upload: Omit<Suspect, 'awaited'>, isLast = false): Promise<void> {
    const { owner, id, since } = upload
    let read = await this.#read(state, id, upload.upload)
    this.warnings.add(state.app, state.name, read.findings)
    if (read.scanned.kind === 'multivariant') {
      await this.#multivariant.accept(state, { owner, text: read.head + read.tail, scanned: read.scanned })
      state.suspect = undefined
      return
    }
    let outcome = await this.#media.accept(state, { ...read, owner, id, cameAt: since })
    if (outcome === 'partial') {
      read = await this.#read(state, id, upload.upload, true)
      outcome = await this.#media.accept(state, { ...read, owner, id, cameAt: since })
    }
    const isNewest = (state.suspect?.id ?? '') <= id
    if (outcome === 'taken') state.suspect = isNewest ? undefined : state.suspect
    // What begins like a sealed list is a version of it.
    else if (outcome === 'suspect' && read.continues === undefined && isNewest && !isLast)
      await this.#suspect(state, upload, read)
    else this.#parts.host.log.info('older version', { app: state.app, name: state.name })
  }

  async #read(state: PlaylistState, id: string, upload: PlaylistUpload, isWhole = false): Promise<ReadUpload> {
    const { host, journal } = this.#parts
    const { app, name } = state
    const read = readUpload(journal, state, upload, isWhole)
    if (read === undefined) {
      // Nothing of it may be acknowledged; sent again, it is read as a whole.
      host.log.warn('playlist overtaken', { app, name, id })
      throw new ReceiverError('storage-unavailable', 'The list that it goes on from was replaced while it came.')
    }
    if (read.error === undefined) return read
    const reason = read.error.message
    const findings = read.findings.filter(({ severity }) => severity === 'error')
    host.log.warn('playlist quarantined', { app, name, id, reason, findings })
    await this.quarantine.keep(id, { app, name, reason, findings, bytes: upload.text })
    throw read.error
  }

  /** It is looked at again when one of its segments comes. */
  async #suspect(state: PlaylistState, suspect: Omit<Suspect, 'awaited'>, read: ReadUpload): Promise<void> {
    const { head, tail, scanned } = read
    const { owner, id, since } = suspect
    const text = head + tail
    const lookup = this.lookup(state, owner)
    const names = scanned.entries.map(({ uri }) => `${state.app}/${lookup.find(uri).base}`)
    // As a whole: what it was sent to go on from may be gone by then.
    state.suspect = { ...readSuspect({ owner, id, since, text }), awaited: [...new Set(names)] }
    this.states.wait(state, state.awaited)
    const { clock } = this.#parts.host
    clock.after(Math.max(0, since + this.#waitOfSuspect(state) - clock.now()), () => this.#wake(state))
    const { record } = state
    if (record === undefined || record.suspect?.id === id) return
    await this.#committer.commit(state, {
      record: { ...record, suspect: { owner, id, since, text } },
      scanned: state.scanned ?? scanned,
      isPublished: false,
      names: new Map(),
      isWaiting: true,
      writes: [],
      digest: undefined,
    })
  }

  #published(app: string, name: string, names: NamedObjects): void {
    this.#parts.onPublished(app, name, names)
    this.arrived(app, name)
    this.#keeper.published(app, name)
  }

  #wake(state: PlaylistState): void {
    if (this.#isStopped || state.willLookAgain || !this.states.isHeld(state)) return
    state.willLookAgain = true
    this.states
      .inTurn(state, () => this.#lookAgain(state))
      .catch((cause: unknown) => {
        const { log, clock } = this.#parts.host
        log.error('playlist not published', { app: state.app, name: state.name, cause })
        state.cancelWake()
        state.cancelWake = clock.after(STORE_RETRY_MIN_MS, () => this.#wake(state))
      })
  }

  async #lookAgain(state: PlaylistState): Promise<void> {
    state.willLookAgain = false
    const { suspect } = state
    const { clock } = this.#parts.host
    state.suspect = undefined
    if (suspect !== undefined) {
      // What proves it may have come while nobody looked.
      const isLast = hasPassed(suspect.since, this.#waitOfSuspect(state), clock.now())
      await this.#take(state, suspect, isLast).catch((error: unknown) => {
        if (error instanceof ReceiverError && error.code === 'name-taken') return
        // It was acknowledged: the next look takes it up.
        state.suspect = suspect
        throw error
      })
    }
    const { record } = state
    if (record === undefined) this.states.wait(state, [])
    if (record?.kind === 'media') await this.#media.lookAgain(state, record)
    if (record?.kind === 'multivariant') await this.#multivariant.lookAgain(state, record)
    const change = withoutStaleNote(this.#parts.journal, state, clock.now())
    if (change !== undefined) await this.#committer.commit(state, change)
  }

  /** An encoder that starts over may send its first segment for as long as a segment lasts. */
  #waitOfSuspect({ record }: PlaylistState): number {
    return Math.max(SUSPECT_WAIT_MS, record?.kind === 'media' ? waitOf(record.timeline) : 0)
  }
}
