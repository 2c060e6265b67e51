import { MAX_PLAYLIST_STATES } from './limits.ts'
import type { Finding, FindingCode } from './playlist/findings.ts'
import type { Log } from './ports.ts'

/** How often a playlist was accepted with a warning, and the line it was on last. */
export interface WarningCount {
  readonly count: number
  /** From 1. */
  readonly line: number
}

/** The warnings of accepted playlists: counted, and logged when a playlist shows one for the first time. */
export class PlaylistWarnings {
  readonly #log: Log
  /** By `APP/NAME`; those warned of longest ago come first. */
  readonly #byPlaylist = new Map<string, Map<FindingCode, WarningCount>>()
  #total = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** Takes note of what the check of an accepted version found. */
  add(app: string, name: string, findings: readonly Finding[]): void {
    if (findings.length === 0) return
    const key = `${app}/${name}`
    const counts = this.#byPlaylist.get(key) ?? new Map<FindingCode, WarningCount>()
    for (const { code, line } of findings) {
      if (!counts.has(code)) this.#log.warn('playlist warning', { app, name, code, line })
      counts.set(code, { count: (counts.get(code)?.count ?? 0) + 1, line })
      this.#total++
    }
    this.#byPlaylist.delete(key)
    this.#byPlaylist.set(key, counts)
    const [oldest] = this.#byPlaylist.keys()
    if (this.#byPlaylist.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#byPlaylist.delete(oldest)
  }

  /** The warnings of one playlist, by code. */
  of(app: string, name: string): ReadonlyMap<FindingCode, WarningCount> {
    return this.#byPlaylist.get(`${app}/${name}`) ?? new Map()
  }

  /** Warnings so far, over all playlists. */
  get total(): number {
    return this.#total
  }
}
