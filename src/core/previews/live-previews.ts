import { streamOf } from '../archive/run-dates.ts'
import type { Done } from '../jobs/job-queue.ts'
import { MAX_PREVIEWED_PLAYLISTS } from '../limits.ts'
import type { PictureTask } from '../making/task.ts'
import type { PlaylistRecord } from '../playlist-record.ts'
import type { Host, Journal } from '../ports.ts'
import { seen } from '../sessions/session-steps.ts'
import { readStream } from '../sessions/stream-record.ts'
import { lastPart } from './pictures.ts'
import type { PreviewRules } from './preview-rules.ts'

/** What makes pictures of live streams. */
export interface LivePreviewsParts {
  readonly host: Host
  readonly journal: Journal
  readonly rules: PreviewRules
  record(app: string, name: string): PlaylistRecord | undefined
  /** Makes a picture, and keeps it. */
  make(id: string, task: PictureTask, signal: AbortSignal): Promise<Done>
}

interface Previewed {
  readonly app: string
  readonly stream: string
}

/**
 * A picture of each live stream every now and then, one at a time: where making them takes longer than the period, each stream has
 * its turn, and is shown as it is then. Nothing is made up for after a restart.
 */
export class LivePreviews {
  readonly #parts: LivePreviewsParts
  /** When the next picture of a playlist's stream is due, in ms since the epoch; those noted longest ago come first. */
  readonly #dueAt = new Map<string, number>()
  /** Streams that wait for their turn, by `APP/STREAM`. */
  readonly #waiting = new Map<string, Previewed>()
  readonly #stopping = new AbortController()
  #working: Promise<void> = Promise.resolve()
  #isWorking = false

  constructor(parts: LivePreviewsParts) {
    this.#parts = parts
  }

  /** A media playlist was published. Costs next to nothing while no picture is due. */
  published(app: string, name: string): void {
    const { host, rules } = this.#parts
    const key = `${app}/${name}`
    const now = host.clock.now()
    const due = this.#dueAt.get(key)
    if (due !== undefined && now < due && due - now <= rules.periodMs) return
    this.#dueAt.delete(key)
    this.#dueAt.set(key, now + rules.periodMs)
    const [oldest] = this.#dueAt.keys()
    if (this.#dueAt.size > MAX_PREVIEWED_PLAYLISTS && oldest !== undefined) this.#dueAt.delete(oldest)
    const stream = streamOf(name)
    if (!rules.isOn(app, stream) || this.#stopping.signal.aborted) return
    this.#waiting.set(`${app}/${stream}`, { app, stream })
    if (!this.#isWorking) this.#working = this.#work()
  }

  /** Makes no picture any more; resolves when none is being made. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#working
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    for (const [key, previewed] of this.#waiting) {
      if (this.#stopping.signal.aborted) break
      this.#waiting.delete(key)
      await this.#make(previewed).catch((cause: unknown) => {
        this.#parts.host.log.warn('preview not made', { ...previewed, cause })
      })
    }
    this.#isWorking = false
  }

  async #make({ app, stream }: Previewed): Promise<void> {
    const { host, journal, rules, record, make } = this.#parts
    const session = readStream(journal, app, stream)?.session
    if (session?.picture === undefined) return
    const playlists = Object.keys(session.playlists).flatMap((name) => {
      const found = record(app, name)
      return found?.kind === 'media' ? [seen(journal, app, name, found)] : []
    })
    const part = lastPart(journal, app, session, playlists)
    if (part === undefined) return
    const { format } = rules
    const task: PictureTask = { kind: 'picture', app, stream, format, file: `${session.picture}.${format}`, part }
    const { writes, after } = await make(host.nextId(), task, this.#stopping.signal)
    if (writes.length > 0) await journal.commit(writes)
    after()
  }
}
