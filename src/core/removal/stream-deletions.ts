import { streamOf } from '../archive/run-dates.ts'
import { REMOVAL_RETRY_MS } from '../limits.ts'
import type { Host, Journal } from '../ports.ts'
import { keys, splitAppKey } from '../records.ts'
import type { DeletionRules } from './deletion-rule.ts'
import { type EndedStreamsParts, longerStreams, shownStream } from './ended-streams.ts'
import type { LeadingPlaylists } from './leading-playlists.ts'
import type { Removals } from './removals.ts'
import { isOfStream, type StreamFiles, type UploadWatch } from './upload-watch.ts'

/** What removes streams that have ended. */
export interface StreamDeletionsParts extends EndedStreamsParts {
  readonly host: Host
  readonly journal: Journal
  readonly rules: DeletionRules
  readonly removals: Removals
  readonly uploads: UploadWatch
  readonly leading: LeadingPlaylists
  /** Resolves when it is known what may be removed. */
  ready(): Promise<void>
}

/** A stream that goes unless its encoder comes back. */
interface Going {
  readonly app: string
  readonly stream: string
  /** What is its own, as it was found out last. */
  files: StreamFiles
  /** When something of it came last, in ms since the epoch. */
  quietSince: number
  cancel: () => void
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
    parts.uploads.watch((at) => {
      for (const going of this.#going.values()) {
        if (isOfStream(going.files, at)) going.quietSince = parts.host.clock.now()
      }
    })
  }

  /** A media playlist was published with its end. */
  ended(app: string, name: string): void {
    const { rules, journal, host } = this.#parts
    const stream = streamOf(name)
    const key = keys.going(app, stream)
    const known = this.#going.get(key)
    if (known !== undefined) known.quietSince = host.clock.now()
    if (this.#isStopped || !rules.onEnded(app, name) || known !== undefined) return
    this.#begin(key, app, stream)
    journal.commit([{ key, value: NOTHING }]).catch((cause: unknown) => {
      host.log.error('end of stream not noted', { app, stream, cause })
    })
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
    for (const { cancel } of this.#going.values()) cancel()
  }

  #begin(key: string, app: string, stream: string): void {
    // Whose files are called alike is found out when it is time.
    const files = { app, stream, longer: [], owners: [''] }
    const going = { app, stream, files, quietSince: this.#parts.host.clock.now(), cancel: () => {} }
    this.#going.set(key, going)
    this.#lookAfter(key, going, this.#parts.rules.afterMs)
  }

  #lookAfter(key: string, going: Going, ms: number): void {
    const { clock, log } = this.#parts.host
    if (this.#isStopped) return
    going.cancel = clock.after(ms, () => {
      this.#look(key, going).catch((cause: unknown) => {
        log.warn('stream not removed yet', { app: going.app, stream: going.stream, cause })
        this.#lookAfter(key, going, REMOVAL_RETRY_MS)
      })
    })
  }

  async #look(key: string, going: Going): Promise<void> {
    const { app, stream } = going
    // It has ended again since: that counts.
    if (this.#going.get(key) !== going) return
    await this.#parts.ready()
    const longer = await longerStreams(this.#parts, app, stream)
    const wait = this.#waitFor(going, longer)
    if (this.#isStopped) return
    if (wait === 'never') await this.#takeOut(key, going, this.#parts.journal.commit([{ key, value: null }]))
    else if (wait > 0) this.#lookAfter(key, going, wait)
    else await this.#remove(key, going, longer)
  }

  async #remove(key: string, going: Going, longer: readonly string[]): Promise<void> {
    const { leading, removals } = this.#parts
    const { app, stream } = going
    const { playlists } = shownStream(this.#parts, app, stream, longer)
    const mayGo = () => this.#waitFor(going, longer) === 0 && !this.#isStopped
    let areGone = false
    try {
      const others = await leading.leave(app, playlists, mayGo)
      if (!mayGo()) return this.#lookAfter(key, going, REMOVAL_RETRY_MS)
      const shown = shownStream(this.#parts, app, stream, longer)
      // From here on an upload of the stream is one of its next life.
      const scope = { ...shown, playlists: [...others, ...shown.playlists], isWhole: true }
      await this.#takeOut(key, going, removals.begin(scope, [{ key, value: null }]))
      areGone = true
    } finally {
      leading.done(app, playlists, areGone)
    }
  }

  /** How long to wait before the stream may go, in ms: 0, at once; `never`, it has not ended, or nothing is left of it. */
  #waitFor(going: Going, longer: readonly string[]): number | 'never' {
    const { host, rules, uploads } = this.#parts
    const shown = shownStream(this.#parts, going.app, going.stream, longer)
    going.files = shown
    const isMeant = rules.onEnded(going.app, `${going.stream}.m3u8`)
    if (shown.playlists.length === 0 || !shown.hasEnded || !isMeant) return 'never'
    const afterMs = Math.max(rules.afterMs, shown.windowMs)
    if (uploads.isRunning(shown)) return afterMs
    return Math.max(0, going.quietSince + afterMs - host.clock.now())
  }

  /** It goes no more once this is done; where it fails it still does, and uploads must be told to it as before. */
  async #takeOut(key: string, going: Going, done: Promise<void>): Promise<void> {
    this.#going.delete(key)
    try {
      await done
    } catch (error) {
      if (!this.#going.has(key)) this.#going.set(key, going)
      throw error
    }
  }
}
