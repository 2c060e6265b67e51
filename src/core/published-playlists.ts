import { archivedTo } from './archive/archive.ts'
import type { NamedObjects } from './playlist-commit.ts'
import { isServedEnded, lastServed } from './playlist-record.ts'
import type { Host, Journal } from './ports.ts'
import type { Publisher } from './publisher.ts'
import { splitAppKey } from './records.ts'
import { RunPlaylists } from './run-playlists.ts'
import { RecordingParts } from './sharing/recording-parts.ts'
import { partOf } from './sharing/shared-files.ts'
import type { Sharing } from './sharing/sharing.ts'
import type { Silence } from './silence.ts'
import type { StoreWriter } from './storing/store-writer.ts'
import { StoredVariants } from './variants/stored-variants.ts'

/** What brings published playlists into the store. */
export interface PublishedPlaylistsParts {
  readonly host: Host
  readonly journal: Journal
  readonly publisher: Publisher
  readonly writer: StoreWriter
  readonly sharing: Sharing
  readonly silence: Silence
  /** Told of each media playlist that is published, and may go on, or has ended. */
  readonly onMedia: (app: string, name: string, isEnded: boolean) => void
}

/** Brings each playlist into the store that is published, and what is recorded of it. */
export class PublishedPlaylists {
  readonly recordingParts: RecordingParts
  readonly #parts: PublishedPlaylistsParts
  readonly runs: RunPlaylists
  readonly #variants: StoredVariants

  constructor(parts: PublishedPlaylistsParts) {
    const { recordings } = parts.publisher
    this.#parts = parts
    this.runs = new RunPlaylists({ ...parts, recordings })
    const onMade = (app: string, name: string, names: NamedObjects) => this.store(app, name, names)
    this.#variants = new StoredVariants({ ...parts, made: parts.publisher.variants, onMade })
    this.recordingParts = new RecordingParts({ ...parts, recordings })
  }

  /** Takes up those that the store may not have. */
  recover(): void {
    const { journal, publisher } = this.#parts
    const unstored = new Set([...journal.entries('m/')].map(([key]) => key.slice(0, key.indexOf('\u0001'))))
    const playlists = [...unstored].map(splitAppKey)
    const isLast = ({ app, name }: { app: string; name: string }) =>
      publisher.record(app, name)?.kind === 'multivariant' || this.#variants.served(app, name) !== undefined
    const inOrder = [...playlists.filter((each) => !isLast(each)), ...playlists.filter(isLast)]
    for (const { app, name } of inOrder) this.store(app, name, undefined)
  }

  /**
   * Brings a playlist into the store, which leads to these names (undefined: nobody knows), and the run that ended with it. A
   * name that nobody uploaded is that of a made multivariant playlist, a run, or a part.
   */
  store(app: string, name: string, names: NamedObjects | undefined): void {
    const { publisher, writer, sharing, silence } = this.#parts
    const read = () => publisher.served(app, name) ?? this.#variants.served(app, name)
    if (read() === undefined) {
      if (partOf(name) === undefined) this.runs.store(app, name)
      else this.recordingParts.store(app, name)
      return
    }
    const mayWrite = sharing.isShared ? () => this.#mayWrite(app, name) : undefined
    const record = publisher.record(app, name)
    const stage = record?.kind !== 'media' ? 'multivariant' : isServedEnded(record) ? 'ended' : 'open'
    writer.storePlaylist(app, name, { names, stage, read, mayWrite })
    if (stage === 'multivariant') return
    silence.published(app, name, stage === 'open')
    this.recordingParts.published(app, name)
    this.#variants.changed(app, name)
    this.#parts.onMedia(app, name, stage === 'ended')
    // A list that only grows has all of its run itself.
    if (stage === 'open' && record?.kind === 'media' && !record.isGrowing) this.runs.grew(app, name, archivedTo(record))
    if (stage === 'ended') this.runs.storeNewest(app, name)
  }

  /** Whether the store has a playlist as it is served, and all of its runs, with what they lead to. */
  isStored(app: string, name: string): boolean {
    const { playlists } = this.#parts.writer
    const all = [name, ...this.runs.namesOf(app, name)]
    return all.every((each) => !this.runs.isWaiting(app, each) && playlists.isWritten(app, each))
  }

  /** A media playlist is gone, also from the store, and the multivariant one that was made of it and others. */
  renditionGone(app: string, name: string): void {
    this.#variants.changed(app, name)
  }

  /** A playlist began a run. */
  runBegan(app: string, name: string): void {
    this.runs.storePrevious(app, name)
  }

  /** Resolves when the store writer is told of all that it can be told of by now. */
  async stop(): Promise<void> {
    await Promise.all([this.recordingParts.stop(), this.runs.stop(), this.#variants.stop()])
  }

  async #mayWrite(app: string, name: string): Promise<boolean> {
    const { publisher, sharing } = this.#parts
    const record = publisher.record(app, name)
    if (record?.kind !== 'media') return sharing.mayWrite(app, name, undefined)
    const may = await sharing.mayWrite(app, name, lastServed(record))
    // What was recorded of it here is there beside the other receiver's.
    if (!may) this.recordingParts.store(app, name)
    return may
  }
}
