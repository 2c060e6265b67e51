import { REMOVAL_RETRY_MS } from '../limits.ts'
import type { PlaylistRecord } from '../playlist-record.ts'
import type { Host, Journal } from '../ports.ts'
import type { Leaving } from './leaving.ts'
import { leadingTo, variantsOf } from './other-playlists.ts'
import { pause } from './slices.ts'

/** What keeps multivariant playlists from leading to what is gone. */
export interface LeadingPlaylistsParts {
  readonly host: Host
  readonly journal: Journal
  readonly leaving: Leaving
  record(app: string, name: string): PlaylistRecord | undefined
  /** Has a playlist look again for what it leads to. */
  lookAgain(app: string, name: string): void
  /** Has those look again that wait for a playlist. */
  arrived(app: string, name: string): void
  /** Whether the store has the newest text of a playlist. */
  isWritten(app: string, name: string): boolean
}

/** Multivariant playlists of other streams that lead to playlists which are about to be removed. */
export class LeadingPlaylists {
  readonly #parts: LeadingPlaylistsParts

  constructor(parts: LeadingPlaylistsParts) {
    this.#parts = parts
  }

  /**
   * Has all others leave these playlists out, here and in the store; resolves when they do, or it is not wanted any more, with those
   * that lead to nothing else: they go with them. Until `done`, none leads there again.
   */
  async leave(app: string, names: readonly string[], isWanted: () => boolean): Promise<string[]> {
    const { host, journal, leaving, record, lookAgain, isWritten } = this.#parts
    const meant = new Set(names)
    leaving.add(app, names)
    const found = await leadingTo(host.clock, journal, app, (name) => meant.has(name))
    const leadsThere = (name: string) => {
      const known = record(app, name)
      return known !== undefined && variantsOf(known, name).some((variant) => meant.has(variant))
    }
    for (const { name, isWhole } of found) {
      if (isWhole) continue
      lookAgain(app, name)
      while ((leadsThere(name) || !isWritten(app, name)) && isWanted()) await pause(host.clock, REMOVAL_RETRY_MS)
    }
    return found.flatMap(({ name, isWhole }) => (isWhole ? [name] : []))
  }

  /** The playlists are gone, or stay after all: then others lead there again. */
  done(app: string, names: readonly string[], areGone: boolean): void {
    this.#parts.leaving.delete(app, names)
    if (!areGone) for (const name of names) this.#parts.arrived(app, name)
  }
}
