import type { Placing } from '../catalog.ts'
import { EXPIRY_LOOK_MS, EXPIRY_WAIT_MS } from '../limits.ts'
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
  /** Resolves when it is known what may be removed. */
  ready(): Promise<void>
}

interface Waiting {
  readonly expired: Expired
  /** In ms since the epoch. */
  readonly since: number
  isWanted: boolean
}

/**
 * Keeps recordings within their limits of age and size: now and then their oldest entries go, with what only they lead to, and playlists
 * that have ended as a whole at last. What is chosen waits until viewers have left it, and is chosen anew after a restart.
 */
export class Expiry {
  readonly #parts: ExpiryParts
  #waiting: Waiting[] = []
  #isStopped = false
  #cancel: () => void = () => {}

  constructor(parts: ExpiryParts) {
    this.#parts = parts
    parts.uploads.watch((at) => this.#came(at))
  }

  /** Looks at recordings from now on, if there is any limit. */
  begin(): void {
    if (this.#parts.rules.limits.areSet) this.#lookLater()
  }

  /** Begins nothing any more. */
  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  #came(at: Placing): void {
    for (const waiting of this.#waiting) if (!waiting.expired.mayGoAfter(at)) waiting.isWanted = false
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
    await this.#parts.ready()
    for (const [app, playlists] of await this.#recorded()) await this.#choose(app, playlists)
    for (const waiting of this.#waiting) await this.#remove(waiting)
    this.#waiting = this.#waiting.filter(({ isWanted }) => isWanted)
  }

  /** The playlists that have a limit, by their apps; without apps of which something waits to go: it counts until it is gone. */
  async #recorded(): Promise<ReadonlyMap<string, readonly RecordedPlaylist[]>> {
    const { clock, journal, sizes, rules } = this.#parts
    const { ms, bytes, appBytes } = rules.limits
    const busy = new Set(this.#waiting.map(({ expired }) => expired.app))
    const apps = new Map<string, RecordedPlaylist[]>()
    for await (const slice of slices(clock, journal.entries('p/'))) {
      for (const [key, value] of slice) {
        const { app, name } = splitAppKey(key)
        const withBytes = Math.min(bytes(app, name), appBytes(app, '')) < Number.POSITIVE_INFINITY
        if (busy.has(app) || (!withBytes && ms(app, name) === Number.POSITIVE_INFINITY)) continue
        const record = parsePlaylistRecord(value)
        if (record.kind !== 'media') continue
        const playlist = await recordedPlaylist(sizes, { app, name, withBytes }, record)
        apps.set(app, [...(apps.get(app) ?? []), playlist])
      }
    }
    return apps
  }

  async #choose(app: string, playlists: readonly RecordedPlaylist[]): Promise<void> {
    const { host, rules } = this.#parts
    await markExpired({ ...this.#parts, log: host.log, limits: rules.limits }, app, playlists)
    for (const playlist of playlists) {
      if (this.#isStopped) return
      const isCut = playlist.to > playlist.from
      if (!playlist.isWhole && !isCut) continue
      const expired = await (playlist.isWhole
        ? ExpiredPlaylist.of(this.#parts, playlist)
        : ExpiredEntries.of(this.#parts, playlist))
      this.#waiting.push({ expired, since: host.clock.now(), isWanted: true })
    }
  }

  async #remove(waiting: Waiting): Promise<void> {
    const { host } = this.#parts
    const isWanted = () => waiting.isWanted && !this.#isStopped
    if (!isWanted()) return
    try {
      const isDone = await waiting.expired.remove(isWanted)
      if (isDone || host.clock.now() - waiting.since > EXPIRY_WAIT_MS) waiting.isWanted = false
    } catch (cause) {
      host.log.warn('old entries go later', { app: waiting.expired.app, cause })
      waiting.isWanted = false
    }
  }
}
