import { streamOf } from '../archive/run-dates.ts'
import { END_QUIET_MS } from '../limits.ts'
import { isServedEnded, type PlaylistRecord } from '../playlist-record.ts'
import type { Host, Journal } from '../ports.ts'
import type { DeletedFile, DeletedFiles } from './deleted-files.ts'
import type { DeletionRules } from './deletion-rule.ts'
import type { LeadingPlaylists } from './leading-playlists.ts'
import { playlistsOf } from './other-playlists.ts'
import type { Removals } from './removals.ts'
import { shownFiles } from './shown-files.ts'

/** What removes playlists that their encoder has deleted. */
export interface DeletedPlaylistsParts {
  readonly host: Host
  readonly journal: Journal
  readonly rules: DeletionRules
  readonly deleted: DeletedFiles
  readonly leading: LeadingPlaylists
  readonly removals: Removals
  record(app: string, name: string): PlaylistRecord | undefined
  /** Ends a playlist, as if its encoder had. */
  end(app: string, name: string): Promise<void>
}

/** Ends playlists that their encoder has deleted, and removes them a while later with all that was recorded of them. */
export class DeletedPlaylists {
  readonly #parts: DeletedPlaylistsParts

  constructor(parts: DeletedPlaylistsParts) {
    this.#parts = parts
  }

  /** Does what it is time for with a playlist of a stream, given with its folder. */
  async look(stream: string, file: DeletedFile): Promise<void> {
    const { host, journal, deleted, leading, end } = this.#parts
    const { app, name } = file
    const waited = host.clock.now() - file.at
    if (!this.#isMeant(file)) return deleted.forget([file])
    if (waited >= END_QUIET_MS && !isServedEnded(this.#parts.record(app, name))) await end(app, name)
    if (waited < this.#delayOf(file)) return
    let isGone = false
    try {
      const others = await leading.leave(app, [name], () => this.#isMeant(file))
      if (!this.#isMeant(file)) return
      const playlists = [...others, name]
      const isWhole = playlistsOf(journal, app, stream).every((each) => playlists.includes(each))
      await this.#parts.removals.begin({ ...this.#scopeOf(file), playlists, isWhole }, deleted.done([file]))
      isGone = true
    } finally {
      leading.done(app, [name], isGone)
    }
  }

  /** Whether it is still the playlist that was deleted. */
  #isMeant(file: DeletedFile): boolean {
    const record = this.#parts.record(file.app, file.name)
    if (record === undefined || this.#parts.deleted.find(file.app, file.name) !== file) return false
    return record.kind !== 'media' || record.timeline.acceptedId < file.id
  }

  #delayOf({ app, name }: DeletedFile): number {
    const record = this.#parts.record(app, name)
    const windowMs = record?.kind === 'media' && !record.isGrowing ? shownFiles(record, name).windowMs : 0
    return Math.max(this.#parts.rules.afterMs, windowMs)
  }

  #scopeOf({ app, name, id }: DeletedFile) {
    const record = this.#parts.record(app, name)
    return { app, stream: streamOf(name), owners: [record?.owner ?? ''], lastId: id }
  }
}
