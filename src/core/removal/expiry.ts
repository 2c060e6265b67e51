import { atMost } from '../at-most.ts'
import type { Needs } from '../follower.ts'
import { EXPIRED_ENTRIES, EXPIRY_LOOK_MS, EXPIRY_TURN_MS, EXPIRY_WAIT_MS } from '../limits.ts'
import { parsePlaylistRecord } from '../playlist-record.ts'
import { splitAppKey } from '../records.ts'
import type { DeletionRules } from './deletion-rule.ts'
import type { Expired } from './expired.ts'
import { ExpiredEntries, type ExpiredEntriesParts } from './expired-entries.ts'
import { ExpiredPlaylist, type ExpiredPlaylistParts } from './expired-playlist.ts'
import { markExpired } from './mark-expired.ts'
import { type RecordedPlaylist, recordedPlaylist } from './recorded-playlist.ts'
import { slices } from './slices.ts'

/** What keeps recordings within their limits. */
export interface ExpiryParts extends ExpiredEntriesParts, ExpiredPlaylistParts {
  readonly rules: DeletionRules
  readonly needs: Needs
  /** Resolves when it is known what may be removed. */
  ready(): Promise<void>
}

/** What is to go of a playlist. */
interface Waiting {
  readonly playlist: RecordedPlaylist
  readonly expired: Expired
  /** In ms since the epoch. */
  readonly since: number
  isWanted: boolean
  isBusy: boolean
}

/**
 * Keeps recordings within their limits of age and size: now and then their oldest entries go, with what only they lead to, and playlists
 * that have ended as a whole at last. What is chosen waits until viewers have left it, and is chosen anew after a restart.
 */
export class Expiry {
  readonly #parts: ExpiryParts
  /** By app and name. */
  readonly #waiting = new Map<string, Waiting>()
  #isStopped = false
  #cancel: () => void = () => {}

  constructor(parts: ExpiryParts) {
    this.#parts = parts
  }

  /** Looks at recordings from now on, if there is any limit. */
  begin(): void {
    if (this.#parts.rules.limits.areSet) this.#lookLater()
  }

  /** Begins nothing any more. */
  stop(): void {
    this.#isStopped = true
    this.#cancel()
    for (const { expired } of this.#waiting.values()) expired.stop()
  }

  #lookLater(): void {
    if (this.#isStopped) return
    const { clock, log } = this.#parts.host
    this.#cancel = clock.after(EXPIRY_LOOK_MS, () => {
      this.#look()
        .catch((cause: unknown) => log.warn('recordings not looked at', { cause }))
        .finally(() => this.#lookLater())
    })
  }

  async #look(): Promise<void> {
    const { clock } = this.#parts.host
    await this.#parts.ready()
    for (const [app, playlists] of await this.#recorded()) await this.#choose(app, playlists)
    for (const waiting of this.#waiting.values()) {
      if (waiting.isBusy || this.#isStopped) continue
      waiting.isBusy = true
      // What takes long for one keeps no other waiting.
      await atMost(clock, EXPIRY_TURN_MS, this.#remove(waiting))
    }
    for (const [key, { isWanted, isBusy, expired }] of this.#waiting) {
      if (isWanted || isBusy) continue
      expired.stop()
      this.#waiting.delete(key)
    }
  }

  /** The playlists that have a limit, by their apps. Of those of which something waits to go nothing else may, and that counts as gone. */
  async #recorded(): Promise<ReadonlyMap<string, readonly RecordedPlaylist[]>> {
    const { clock, journal, sizes } = this.#parts
    const apps = new Map<string, RecordedPlaylist[]>()
    const known = new Set<string>()
    for await (const slice of slices(clock, journal.entries('p/'))) {
      for (const [key, value] of slice) {
        const { app, name } = splitAppKey(key)
        known.add(`${app}/${name}`)
        const playlist = await this.#read(app, name, value)
        if (playlist === undefined) continue
        const all = apps.get(app) ?? []
        apps.set(app, all)
        all.push(playlist)
      }
    }
    sizes.keepOnly(known)
    return apps
  }

  async #read(app: string, name: string, value: Uint8Array): Promise<RecordedPlaylist | undefined> {
    const { sizes, rules, host, needs } = this.#parts
    const { ms, bytes, appBytes } = rules.limits
    const withBytes = Math.min(bytes(app, name), appBytes(app, '')) < Number.POSITIVE_INFINITY
    if (!withBytes && ms(app, name) === Number.POSITIVE_INFINITY) return undefined
    try {
      const record = parsePlaylistRecord(value)
      if (record.kind !== 'media') return undefined
      const playlist = await recordedPlaylist(sizes, { app, name, withBytes, needs }, record)
      const waiting = this.#waiting.get(`${app}/${name}`)
      return waiting === undefined ? playlist : { ...playlist, at: undefined, freed: waiting.playlist.freed }
    } catch (cause) {
      host.log.warn('recording not looked at', { app, name, cause })
      return undefined
    }
  }

  async #choose(app: string, playlists: readonly RecordedPlaylist[]): Promise<void> {
    const { host, rules } = this.#parts
    const wait = [...this.#waiting.values()].reduce((sum, { playlist }) => sum + playlist.taken, 0)
    const budget = { entries: EXPIRED_ENTRIES - wait }
    try {
      await markExpired({ ...this.#parts, budget, log: host.log, limits: rules.limits }, app, playlists)
      for (const playlist of playlists) await this.#begin(playlist)
    } catch (cause) {
      host.log.warn('old entries not found', { app, cause })
    }
  }

  async #begin(playlist: RecordedPlaylist): Promise<void> {
    const { app, name, isWhole, from, to } = playlist
    if (this.#isStopped || (!isWhole && to === from)) return
    const of = isWhole ? ExpiredPlaylist.of : ExpiredEntries.of
    const expired = await of(this.#parts, playlist)
    if (expired === undefined) return
    const since = this.#parts.host.clock.now()
    this.#waiting.set(`${app}/${name}`, { playlist, expired, since, isWanted: true, isBusy: false })
  }

  /** Files may be asked for of what was chosen already. */
  #mayGo({ app, name, stream, isWhole, to }: RecordedPlaylist): boolean {
    const { needs } = this.#parts
    return isWhole ? !needs.isNeeded(app, stream) : to <= needs.neededFrom(app, name)
  }

  async #remove(waiting: Waiting): Promise<void> {
    const { host } = this.#parts
    const { playlist, expired, since } = waiting
    const { app, name, takenAt, leastMs, windowMs } = playlist
    const isWanted = () => {
      const now = host.clock.now()
      // Where the clock was set back nobody knows how old anything is.
      return waiting.isWanted && !this.#isStopped && now >= since && takenAt <= now - leastMs && this.#mayGo(playlist)
    }
    try {
      const isDone = !isWanted() || (await expired.remove(isWanted))
      if (isDone || host.clock.now() - since > EXPIRY_WAIT_MS + 2 * windowMs) waiting.isWanted = false
    } catch (cause) {
      host.log.warn('old entries go later', { app, name, cause })
      waiting.isWanted = false
    } finally {
      waiting.isBusy = false
    }
  }
}
