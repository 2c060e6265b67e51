import { streamOf } from '../archive/run-dates.ts'
import type { Needs } from '../follower.ts'
import { REMOVAL_RETRY_MS } from '../limits.ts'
import type { Host, Journal } from '../ports.ts'
import { keys, splitAppKey } from '../records.ts'
import { forgetWrites } from '../sessions/stream-record.ts'
import type { DeletionRules } from './deletion-rule.ts'
import { type EndedStreamsParts, longerStreams, type ShownStream, shownStream } from './ended-streams.ts'
import type { LeadingPlaylists } from './leading-playlists.ts'
import { Quiet, type QuietParts } from './quiet.ts'
import type { Removals } from './removals.ts'

/** What removes streams that have ended. */
export interface StreamDeletionsParts extends EndedStreamsParts, QuietParts {
  readonly host: Host
  readonly journal: Journal
  readonly rules: DeletionRules
  readonly removals: Removals
  readonly leading: LeadingPlaylists
  /** Resolves when it is known what may be removed. */
  ready(): Promise<void>
  readonly needs: Needs
}

/** A stream that goes unless its encoder comes back. */
interface Going {
  readonly app: string
  readonly stream: string
  /** That nothing of it comes. */
  readonly quiet: Quiet
  /** It is looked at by one at a time. */
  turn: Promise<void>
  /** Cancels the look that comes also when it is not quiet. */
  cancel: (() => void) | undefined
  /** Cancels the next attempt to note it. */
  cancelNote: () => void
}

const NOTHING = new Uint8Array(0)

/**
 * Removes streams a while after their end (deleteHLSFilesOnEnded), all their renditions and runs, unless something of them comes
 * meanwhile. Which ones go is remembered over a restart, and the while begins anew then.
 */
export class StreamDeletions {
  readonly #parts: StreamDeletionsParts
  /** By journal key. */
  readonly #going = new Map<string, Going>()
  #isStopped = false

  constructor(parts: StreamDeletionsParts) {
    this.#parts = parts
  }

  /** A media playlist was published with its end. */
  ended(app: string, name: string): void {
    const { rules } = this.#parts
    const stream = streamOf(name)
    const key = keys.going(app, stream)
    const known = this.#going.get(key)
    known?.quiet.beginAnew()
    if (this.#isStopped || !rules.onEnded(app, name) || known !== undefined) return
    this.#note(key, this.#begin(key, app, stream))
  }

  /** Takes up those that were to go when the receiver stopped. */
  recover(): void {
    for (const [key] of [...this.#parts.journal.entries('E/')]) {
      const { app, name } = splitAppKey(key)
      this.#begin(key, app, name)
    }
  }

  /** Removes nothing any more. */
  stop(): void {
    this.#isStopped = true
    for (const going of this.#going.values()) this.#stop(going)
  }

  /** Has it remembered over a restart that a stream goes. */
  #note(key: string, going: Going): void {
    const { host, journal } = this.#parts
    const { app, stream } = going
    journal.commit([{ key, value: NOTHING }]).catch((cause: unknown) => {
      host.log.error('end of stream not noted', { app, stream, cause })
      if (this.#isStopped || this.#going.get(key) !== going) return
      going.cancelNote = host.clock.after(REMOVAL_RETRY_MS, () => this.#note(key, going))
    })
  }

  #begin(key: string, app: string, stream: string): Going {
    // Whose files are called alike is found out when it is time.
    const shown = shownStream(this.#parts, app, stream, [])
    const quiet = new Quiet(this.#parts, { ...shown, owners: [''] }, this.#msOf(shown), {
      onUpload: () => this.#lookAfter(key, going, this.#msOf(shown) + REMOVAL_RETRY_MS),
      onQuiet: () => this.#look(key, going),
    })
    const going: Going = { app, stream, quiet, turn: Promise.resolve(), cancel: undefined, cancelNote: () => {} }
    this.#going.set(key, going)
    return going
  }

  /** How long it must be quiet, in ms. */
  #msOf({ windowMs }: ShownStream): number {
    return Math.max(this.#parts.rules.afterMs, windowMs)
  }

  /** Looks at it once by then, quiet or not: it may go on, or what comes may be another's. */
  #lookAfter(key: string, going: Going, ms: number): void {
    if (this.#isStopped) return
    going.cancel ??= this.#parts.host.clock.after(ms, () => this.#look(key, going))
  }

  #look(key: string, going: Going): void {
    const { log } = this.#parts.host
    going.cancel?.()
    going.cancel = undefined
    going.turn = going.turn
      .then(() => this.#lookAt(key, going))
      .catch((cause: unknown) => {
        log.warn('stream not removed yet', { app: going.app, stream: going.stream, cause })
        this.#lookAfter(key, going, REMOVAL_RETRY_MS)
      })
  }

  async #lookAt(key: string, going: Going): Promise<void> {
    const { app, stream, quiet } = going
    await this.#parts.ready()
    const longer = await longerStreams(this.#parts, app, stream)
    if (this.#isStopped || this.#going.get(key) !== going) return
    const shown = shownStream(this.#parts, app, stream, longer)
    quiet.use(shown, this.#msOf(shown))
    if (!this.#mayGo(shown)) await this.#forget(key, going)
    else if (this.#parts.needs.isNeeded(app, stream)) this.#lookAfter(key, going, REMOVAL_RETRY_MS)
    else if (quiet.isOver) await this.#remove(key, going, longer)
  }

  async #remove(key: string, going: Going, longer: readonly string[]): Promise<void> {
    const { leading, removals, needs } = this.#parts
    const { app, stream, quiet } = going
    const show = () => shownStream(this.#parts, app, stream, longer)
    const { playlists } = show()
    const mayGo = () => quiet.isOver && this.#mayGo(show()) && !needs.isNeeded(app, stream) && !this.#isStopped
    let areGone = false
    try {
      const others = await leading.leave(app, playlists, mayGo)
      if (others === undefined || !mayGo()) return this.#lookAfter(key, going, REMOVAL_RETRY_MS)
      const shown = show()
      // From here on an upload of the stream is one of its next life.
      const scope = { ...shown, leading: others, isWhole: true }
      const forgotten = forgetWrites(this.#parts.journal, app, stream)
      const begun = removals.begin(scope, [{ key, value: null }, ...forgotten])
      this.#going.delete(key)
      await begun.catch((error: unknown) => {
        // One that has ended since waits by itself.
        if (this.#going.has(key)) this.#stop(going)
        else this.#going.set(key, going)
        throw error
      })
      this.#stop(going)
      areGone = true
    } finally {
      leading.done(app, playlists, areGone)
    }
  }

  /** Whether it has ended, and something is left of it. */
  #mayGo({ app, stream, playlists, hasEnded }: ShownStream): boolean {
    return playlists.length > 0 && hasEnded && this.#parts.rules.onEnded(app, `${stream}.m3u8`)
  }

  async #forget(key: string, going: Going): Promise<void> {
    this.#stop(going)
    this.#going.delete(key)
    await this.#parts.journal.commit([{ key, value: null }])
  }

  #stop({ quiet, cancel, cancelNote }: Going): void {
    quiet.stop()
    cancel?.()
    cancelNote()
  }
}
