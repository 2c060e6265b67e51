import type { Host, Journal } from './ports.ts'
import { keys, splitAppKey } from './records.ts'
import type { StaleRule } from './stale-rule.ts'

/** What a watch over silent playlists needs. */
export interface SilenceParts {
  readonly host: Host
  readonly journal: Journal
  readonly stale: StaleRule
  /** Ends a playlist, as if its encoder had. */
  end(app: string, name: string): Promise<void>
}

const NOTHING = new Uint8Array(0)

/**
 * Ends live playlists that got no new version for too long, also when nobody asks for them here: in the store they would look
 * live for ever. Which ones are live is remembered over a restart, and the time in which the receiver was down does not count.
 */
export class Silence {
  readonly #parts: SilenceParts
  /** What stops the waiting for each live playlist, by journal key. */
  readonly #waiting = new Map<string, () => void>()

  constructor(parts: SilenceParts) {
    this.#parts = parts
  }

  /** A media playlist was published, which may go on, or has ended. */
  published(app: string, name: string, isLive: boolean): void {
    if (this.#parts.stale.action !== 'end') return
    const key = keys.live(app, name)
    const wasLive = this.#waiting.has(key)
    this.#waiting.get(key)?.()
    if (isLive) this.#wait(key)
    else this.#waiting.delete(key)
    if (isLive !== wasLive) this.#note(key, isLive)
  }

  /** Takes up those that were live when the receiver stopped. */
  recover(): void {
    if (this.#parts.stale.action !== 'end') return
    for (const [key] of [...this.#parts.journal.entries(keys.live('', '').slice(0, 2))]) this.#wait(key)
  }

  /** Ends nothing any more. */
  stop(): void {
    for (const cancel of this.#waiting.values()) cancel()
    this.#waiting.clear()
  }

  #wait(key: string): void {
    const { host, stale, end } = this.#parts
    const cancel = host.clock.after(stale.afterMs, () => {
      // Until it has ended: it may be waiting for a segment just now.
      this.#wait(key)
      const { app, name } = splitAppKey(key)
      end(app, name).catch((cause: unknown) => host.log.error('silent playlist not ended', { app, name, cause }))
    })
    this.#waiting.set(key, cancel)
  }

  #note(key: string, isLive: boolean): void {
    const { host, journal } = this.#parts
    journal.commit([{ key, value: isLive ? NOTHING : null }]).catch((cause: unknown) => {
      host.log.error('live playlist not noted', { key, cause })
    })
  }
}
