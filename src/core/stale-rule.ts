import type { Clock } from './ports.ts'

/** What becomes of a live playlist that nobody updates: it ends, is not found (so that a CDN fails over), or stays as it is. */
export type StaleAction = 'end' | 'gone' | 'keep'

/** When a live playlist is stale, and what becomes of it. */
export interface StaleRule {
  /** Without a new version. */
  readonly afterMs: number
  readonly action: StaleAction
}

/** Tells which playlists are stale: those that got no version for so long while somebody was here to take it. */
export class StaleWatch {
  readonly #rule: StaleRule
  readonly #clock: Clock
  readonly #bornAt: number

  constructor(rule: StaleRule, clock: Clock) {
    this.#rule = rule
    this.#clock = clock
    this.#bornAt = clock.now()
  }

  /** What is to be done with a playlist that is live since its newest version, in ms since the epoch; undefined: it ended. */
  actionFor(liveSince: number | undefined): StaleAction {
    if (liveSince === undefined) return 'keep'
    const quietMs = this.#clock.now() - Math.max(liveSince, this.#bornAt)
    return quietMs >= this.#rule.afterMs ? this.#rule.action : 'keep'
  }
}
