import { MAX_PLAYLIST_STATES } from '../limits.ts'
import type { Journal } from '../ports.ts'
import { keys } from '../records.ts'
import { storeKey } from './store-key.ts'

/** Playlists of which the store has some version: this life remembers the last ones, the journal what it was told of. */
export class WrittenPlaylists {
  readonly #journal: Journal
  /** By store key, when what was written last was served, in ms since the epoch; those written longest ago come first. */
  readonly #writtenAt = new Map<string, number>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Whether the store got any version, in this life or an earlier one. */
  has(app: string, name: string): boolean {
    return this.#writtenAt.has(storeKey(app, name)) || this.#journal.get(keys.written(app, name)) !== undefined
  }

  /** When what was written last in this life was served, in ms since the epoch; 0 where that is not known. */
  at(app: string, name: string): number {
    return this.#writtenAt.get(storeKey(app, name)) ?? 0
  }

  add(app: string, name: string, servedAt: number): void {
    const key = storeKey(app, name)
    this.#writtenAt.delete(key)
    this.#writtenAt.set(key, servedAt)
    const [oldest] = this.#writtenAt.keys()
    if (this.#writtenAt.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#writtenAt.delete(oldest)
  }

  delete(app: string, name: string): void {
    this.#writtenAt.delete(storeKey(app, name))
  }
}
