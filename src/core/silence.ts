import type { Host, Journal } from './ports.ts'
import { keys, splitAppKey } from './records.ts'
import type { StaleRule } from './stale-rule.ts'

/** What a watch over silent playlists needs. */
export interface SilenceParts {
  readonly host: Host
  readonly journal: Journal
  readonly stale: StaleRule
  /** When a media playlist got its newest version, in ms since the epoch; undefined: it is none, or has ended. */
  liveSince(app: string, name: string): number | undefined
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
  readonly #bornAt: number
  /** What stops the waiting for each live playlist, by journal key. */
  readonly #waiting = new Map<string, () => void>()
  #isStopped = false

  constructor(parts: SilenceParts) {
    this.#parts = parts
    this.#bornAt = parts.host.clock.now()
  }

  /** A media playlist was published, which may go on, or has ended. */
  published(app: string, name: string, isLive: boolean): void {
    const { stale } = this.#parts
    const key = keys.live(app, name)
    if (this.#isStopped || stale.action !== 'end') return
    if (!isLive) this.#forget(key)
    else if (!this.#waiting.has(key)) {
      this.#wait(key, stale.afterMs)
      this.#note(key, true)
    }
  }

  /** Takes up those that were live when the receiver stopped, before any is published. */
  recover(): void {
    const { journal, stale } = this.#parts
    if (stale.action !== 'end') return
    for (const [key] of [...journal.entries('z/')]) this.#wait(key, stale.afterMs)
  }

  /** Ends nothing any more. */
  stop(): void {
    this.#isStopped = true
    for (const cancel of this.#waiting.values()) cancel()
    this.#waiting.clear()
  }

  #wait(key: string, ms: number): void {
    this.#waiting.set(
      key,
      this.#parts.host.clock.after(ms, () => this.#look(key)),
    )
  }

  #look(key: string): void {
    const { host, stale, liveSince, end } = this.#parts
    const { app, name } = splitAppKey(key)
    const since = liveSince(app, name)
    if (since === undefined) {
      this.#forget(key)
      return
    }
    const left = Math.max(since, this.#bornAt) + stale.afterMs - host.clock.now()
    this.#wait(key, left > 0 ? left : stale.afterMs)
    if (left > 0) return
    end(app, name).catch((cause: unknown) => host.log.error('silent playlist not ended', { app, name, cause }))
  }

  #forget(key: string): void {
    this.#waiting.get(key)?.()
    if (this.#waiting.delete(key)) this.#note(key, false)
  }

  #note(key: string, isLive: boolean): void {
    const { host, journal } = this.#parts
    journal.commit([{ key, value: isLive ? NOTHING : null }]).catch((cause: unknown) => {
      host.log.error('live playlist not noted', { key, cause })
    })
  }
}
