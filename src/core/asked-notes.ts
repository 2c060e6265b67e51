import { STORE_RETRY_MIN_MS } from './limits.ts'
import type { PlaylistState } from './playlist-states.ts'
import type { Host, Journal } from './ports.ts'
import { jsonWrite, keys } from './records.ts'

/** Remembers when an encoder first asked for its own words since the newest version: it is about to go on from there. */
export class AskedNotes {
  readonly #host: Host
  readonly #journal: Journal
  #isStopped = false

  constructor(host: Host, journal: Journal) {
    this.#host = host
    this.#journal = journal
  }

  /** An encoder asks. All that its next life uploads is durable later than this: nobody needs to wait for it. */
  note(state: PlaylistState): void {
    if (state.asked !== undefined) return
    state.asked = { id: this.#host.nextId(), at: this.#host.clock.now() }
    this.#write(state, state.asked)
  }

  /** What could not be written is not tried again. */
  stop(): void {
    this.#isStopped = true
  }

  #write(state: PlaylistState, asked: NonNullable<PlaylistState['asked']>): void {
    const { app, name } = state
    this.#journal.commit([jsonWrite(keys.asked(app, name), asked)]).catch((cause: unknown) => {
      this.#host.log.warn('not noted that the encoder asked for its playlist', { app, name, cause })
      this.#host.clock.after(STORE_RETRY_MIN_MS, () => {
        if (state.asked === asked && !this.#isStopped) this.#write(state, asked)
      })
    })
  }
}
