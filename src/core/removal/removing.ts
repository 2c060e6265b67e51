import type { RunDates } from '../archive/run-dates.ts'
import type { Catalog } from '../catalog.ts'
import type { Needs } from '../follower.ts'
import { REMOVAL_RETRY_MS } from '../limits.ts'
import type { Placement } from '../placement.ts'
import type { BodyFiles, Host, Journal } from '../ports.ts'
import type { PublishedPlaylists } from '../published-playlists.ts'
import type { Publisher } from '../publisher.ts'
import type { Silence } from '../silence.ts'
import type { StoreWriter } from '../storing/store-writer.ts'
import { DeletedFiles } from './deleted-files.ts'
import { DeletedPlaylists } from './deleted-playlists.ts'
import { DeletedSegments } from './deleted-segments.ts'
import type { DeletionRules } from './deletion-rule.ts'
import { Expiry } from './expiry.ts'
import { indexUses } from './index-uses.ts'
import { LeadingPlaylists } from './leading-playlists.ts'
import type { Leaving } from './leaving.ts'
import { Mirror } from './mirror.ts'
import { PlaylistRemovals } from './playlist-removals.ts'
import { RecordedSizes } from './recorded-sizes.ts'
import { Removals } from './removals.ts'
import { pause } from './slices.ts'
import { StreamDeletions } from './stream-deletions.ts'
import { UploadWatch } from './upload-watch.ts'

/** What removes what was recorded. */
export interface RemovingParts {
  readonly host: Host
  readonly journal: Journal
  readonly files: BodyFiles
  readonly catalog: Catalog
  readonly placement: Placement
  readonly leaving: Leaving
  readonly dates: RunDates
  readonly publisher: Publisher
  readonly published: PublishedPlaylists
  readonly silence: Silence
  readonly writer: StoreWriter
  readonly rules: DeletionRules
  readonly needs: Needs
}

/** Everything that removes what was recorded: who asks for it, and who does it. */
export class Removing {
  readonly removals: Removals
  readonly streams: StreamDeletions
  readonly mirror: Mirror
  readonly uploads = new UploadWatch()
  readonly #playlists: PlaylistRemovals
  readonly #leading: LeadingPlaylists
  readonly #expiry: Expiry
  readonly #parts: RemovingParts
  /** Resolves when it is known what may be removed. */
  #ready: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(parts: RemovingParts) {
    this.#parts = parts
    const { host, journal, placement, publisher, writer } = parts
    const ready = () => this.#ready
    const record = publisher.record.bind(publisher)
    const lookAgain = publisher.lookAgain.bind(publisher)
    const shared = {
      ...parts,
      clock: host.clock,
      store: writer.removals,
      acceptances: placement.acceptances.bind(placement),
    }
    this.#playlists = new PlaylistRemovals({
      ...{ ...shared, states: publisher.states, runs: parts.published.runs },
      lookup: publisher.lookup,
      durations: publisher.recordings.durations,
    })
    const isWritten = writer.playlists.isWritten.bind(writer.playlists)
    const { runs } = parts.published
    const renditionGone = parts.published.renditionGone.bind(parts.published)
    const isRunStored = (app: string, name: string) => !runs.isWaiting(app, name) && isWritten(app, name)
    this.removals = new Removals({
      ...{ ...shared, playlists: this.#playlists, isRunStored, renditionGone, lookAgain },
      isStoreDown: () => writer.isStoreDown,
    })
    const leading = new LeadingPlaylists({
      ...parts,
      record,
      lookAgain,
      arrived: publisher.arrived.bind(publisher),
      isWritten,
    })
    const { clock } = host
    const own = {
      host,
      clock,
      journal,
      record,
      leading,
      rules: parts.rules,
      removals: this.removals,
      ready,
      needs: parts.needs,
    }
    this.#leading = leading
    this.streams = new StreamDeletions({ ...own, uploads: this.uploads })
    const deleted = new DeletedFiles(shared)
    const sizes = new RecordedSizes({ ...own, catalog: parts.catalog })
    const cutting = {
      ...{ ...own, runs, isWritten, sizes },
      leaving: parts.leaving,
      states: publisher.states,
      lookup: publisher.lookup,
    }
    this.mirror = new Mirror({
      ...{ host, journal, rules: parts.rules, files: deleted, uploads: this.uploads, ready },
      playlists: new DeletedPlaylists({ ...own, deleted, uploads: this.uploads, end: publisher.end.bind(publisher) }),
      segments: new DeletedSegments({ ...cutting, deleted }),
    })
    const { durations } = publisher.recordings
    this.#expiry = new Expiry({ ...cutting, catalog: parts.catalog, durations, uploads: this.uploads })
  }

  /** Takes up what was not done when the receiver stopped; nothing may be uploaded, or published, before it resolves. */
  async recover(): Promise<void> {
    await this.removals.recover()
    this.#ready = this.#know()
    this.streams.recover()
    this.mirror.recover()
  }

  /** Removes what is to go, when all is known that the store is to get. */
  begin(): void {
    this.removals.resume()
    this.#expiry.begin()
  }

  /** Resolves when it is known what may be removed; nothing is, before. */
  async #know(): Promise<void> {
    const { host, journal } = this.#parts
    while (!this.#isStopped) {
      try {
        return await indexUses(host.clock, journal)
      } catch (cause) {
        host.log.warn('nothing is removed yet', { cause })
        await pause(host.clock, REMOVAL_RETRY_MS)
      }
    }
  }

  /** Begins nothing any more; resolves when what runs has come to where it can go on. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.streams.stop()
    this.mirror.stop()
    this.#expiry.stop()
    this.#leading.stop()
    this.#playlists.stop()
    await this.removals.stop()
  }
}
