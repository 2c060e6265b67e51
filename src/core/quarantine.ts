import { MAX_QUARANTINED, MAX_QUARANTINED_BYTES } from './limits.ts'
import type { Finding } from './playlist/findings.ts'
import type { Clock, Journal } from './ports.ts'
import { jsonWrite, keys, toText } from './records.ts'

/** A playlist that was refused, for whoever looks after it. */
export interface Quarantined {
  readonly app: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly refusedAt: number
  readonly reason: string
  readonly findings: readonly Finding[]
  /** Its beginning, in the encoder's words. */
  readonly text: string
}

/** Refused playlists, the newest MAX_QUARANTINED of them. */
export class Quarantine {
  readonly #journal: Journal
  readonly #clock: Clock

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal
    this.#clock = clock
  }

  /** Keeps a refused playlist under an id that sorts by age; resolves when it is durable. */
  async keep(
    id: string,
    refused: { app: string; name: string; reason: string; findings: readonly Finding[]; bytes: Uint8Array },
  ): Promise<void> {
    const { app, name, reason, findings, bytes } = refused
    const text = toText(bytes.subarray(0, MAX_QUARANTINED_BYTES))
    const quarantined: Quarantined = { app, name, refusedAt: this.#clock.now(), reason, findings, text }
    const all = [...this.#journal.entries(keys.quarantined(''))].map(([key]) => key)
    const tooMany = all.slice(0, Math.max(0, all.length + 1 - MAX_QUARANTINED))
    await this.#journal.commit([
      jsonWrite(keys.quarantined(id), quarantined),
      ...tooMany.map((key) => ({ key, value: null })),
    ])
  }

  /** All that is kept, oldest first. */
  list(): Quarantined[] {
    return [...this.#journal.entries(keys.quarantined(''))].map(([, value]) => JSON.parse(toText(value)) as Quarantined)
  }
}
