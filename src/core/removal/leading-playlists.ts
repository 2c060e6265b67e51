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
  /** What is being left out by those that lead to more, each by app and name, and for whom. */
  readonly #leavingOut = new Map<string, string>()

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
    if (!(await this.#takeTurn(app, names, isWanted))) return []
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

  /**
   * Waits while one that leads to more leaves others out: one that had to leave out all could not be served, and would lead there for
   * ever. Resolves with false where it is not wanted any more.
   */
  async #takeTurn(app: string, names: readonly string[], isWanted: () => boolean): Promise<boolean> {
    const { host, journal } = this.#parts
    const meant = new Set(names)
    while (isWanted()) {
      const found = await leadingTo(host.clock, journal, app, (name) => meant.has(name))
      const shared = found.filter(({ isWhole }) => !isWhole).map(({ name }) => `${app}/${name}`)
      if (shared.every((each) => !this.#leavingOut.has(each))) {
        for (const each of shared) this.#leavingOut.set(each, turnOf(app, names))
        return true
      }
      await pause(host.clock, REMOVAL_RETRY_MS)
    }
    return false
  }

  /** The playlists are gone, or stay after all: then others lead there again. */
  done(app: string, names: readonly string[], areGone: boolean): void {
    for (const [each, turn] of this.#leavingOut) if (turn === turnOf(app, names)) this.#leavingOut.delete(each)
    this.#parts.leaving.delete(app, names)
    if (!areGone) for (const name of names) this.#parts.arrived(app, name)
  }
}

function turnOf(app: string, names: readonly string[]): string {
  return `${app}/${names.join('\n')}`
}
