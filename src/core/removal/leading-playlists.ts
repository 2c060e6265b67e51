import { hasPassed } from '../elapsed.ts'
import { LEADING_WAIT_MS, REMOVAL_RETRY_MS } from '../limits.ts'
import type { PlaylistRecord } from '../playlist-record.ts'
import type { Host, Journal } from '../ports.ts'
import type { Leaving } from './leaving.ts'
import { hasLostAll, leadingTo, variantsOf } from './other-playlists.ts'
import { pause } from './slices.ts'

/** What keeps multivariant playlists from leading to what is gone. */
export interface LeadingPlaylistsParts {
  readonly host: Host
  readonly journal: Journal
  readonly leaving: Leaving
  record(app: string, name: string): PlaylistRecord | undefined
  /** Has a playlist look again for what it leads to; resolves when it has. */
  lookAgain(app: string, name: string): Promise<void>
  /** Has those look again that wait for a playlist. */
  arrived(app: string, name: string): void
  /** Whether the store has the newest text of a playlist. */
  isWritten(app: string, name: string): boolean
}

/** Multivariant playlists of other streams that lead to playlists which are about to be removed. */
export class LeadingPlaylists {
  readonly #parts: LeadingPlaylistsParts
  #isStopped = false

  constructor(parts: LeadingPlaylistsParts) {
    this.#parts = parts
  }

  /**
   * Has all others leave these playlists out, here and in the store, as far as they can. Resolves when they do, with those that cannot
   * be served without: they are taken out with them. Undefined: it is not wanted any more. Until `done`, none leads there again.
   */
  async leave(app: string, names: readonly string[], isWanted: () => boolean): Promise<string[] | undefined> {
    const { host, journal, leaving, lookAgain, isWritten } = this.#parts
    const isMeant = (name: string) => names.includes(name)
    leaving.add(app, names)
    const found = await leadingTo(host.clock, journal, app, isMeant)
    for (const name of found) await lookAgain(app, name)
    const began = host.clock.now()
    const isBehind = (name: string) => !this.#cannotBeWithout(app, name, isMeant) && !isWritten(app, name)
    while (found.some(isBehind)) {
      if (hasPassed(began, LEADING_WAIT_MS, host.clock.now())) {
        host.log.warn('removal waits for no playlist any longer', { app, names, leading: found.filter(isBehind) })
        break
      }
      await pause(host.clock, REMOVAL_RETRY_MS)
      if (!this.#isWanted(isWanted)) return undefined
    }
    if (!this.#isWanted(isWanted)) return undefined
    return found.filter((name) => isBehind(name) || this.#cannotBeWithout(app, name, isMeant))
  }

  /** The playlists are gone, or stay after all: then others lead there again. */
  done(app: string, names: readonly string[], areGone: boolean): void {
    this.#parts.leaving.delete(app, names)
    if (!areGone) for (const name of names) this.#parts.arrived(app, name)
  }

  /** Whether a playlist names nothing that may still come: it is gone for good with these. */
  goesWith(app: string, name: string, names: readonly string[]): boolean {
    const record = this.#parts.record(app, name)
    return hasLostAll(this.#parts.journal, app, record, (each) => names.includes(each))
  }

  /** Nobody is waited for any more. */
  stop(): void {
    this.#isStopped = true
  }

  #isWanted(isWanted: () => boolean): boolean {
    return !this.#isStopped && isWanted()
  }

  /** Whether a playlist that has looked for what it can lead to leads there all the same, or has nothing left. */
  #cannotBeWithout(app: string, name: string, isMeant: (name: string) => boolean): boolean {
    const record = this.#parts.record(app, name)
    if (record === undefined) return false
    return variantsOf(record, name).some(isMeant) || hasLostAll(this.#parts.journal, app, record, isMeant)
  }
}
