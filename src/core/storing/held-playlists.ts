import type { Clock } from '../ports.ts'
import type { HeldUploads } from './held-uploads.ts'
import { storeKey } from './store-key.ts'

/** Media playlists that wait for the end of their stream, like what they name. */
export class HeldPlaylists {
  readonly #clock: Clock
  readonly #held: HeldUploads
  /** By store key. */
  readonly #keys = new Set<string>()

  constructor(clock: Clock, held: HeldUploads) {
    this.#clock = clock
    this.#held = held
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** Holds a playlist back until it has ended; then all of its stream goes. */
  hold(app: string, name: string, hasEnd: boolean, write: () => void): void {
    const key = storeKey(app, name)
    const isHeld = this.#keys.has(key)
    this.#keys.add(key)
    const begin = () => {
      this.#keys.delete(key)
      write()
    }
    // It is read when it is written.
    if (!isHeld) this.#held.hold(app, name, { acceptedAt: this.#clock.now(), begin })
    if (hasEnd) this.#held.ended(app, name)
  }
}
