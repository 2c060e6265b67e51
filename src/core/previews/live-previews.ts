import { streamOf } from '../archive/run-dates.ts'
import { JobError } from '../jobs/job.ts'
import { FFMPEG_LOOK_MS, MAX_PREVIEW_MS, MAX_PREVIEWED_PLAYLISTS } from '../limits.ts'
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
  /** Makes a picture, and keeps it on this disk. */
  make(id: string, task: PictureTask, signal: AbortSignal): Promise<void>
}

interface Previewed {
  readonly app: string
  readonly stream: string
  /** When its next picture is due, in ms since the epoch. */
  dueAt: number
}

/**
 * A picture of each live stream every now and then, one at a time, within MAX_PREVIEW_MS: where making them takes longer than the
 * period, each stream has its turn, and is shown as it is then. Nothing is made up for after a restart, and they stay on this disk.
 */
export class LivePreviews {
  readonly #parts: LivePreviewsParts
  /** The streams of playlists, and streams themselves; those noted longest ago come first. */
  readonly #ofPlaylists = new Map<string, Previewed>()
  readonly #streams = new Map<string, Previewed>()
  /** Those that wait for their turn. */
  readonly #waiting = new Set<Previewed>()
  /** Gives up the one that is being made. */
  #giveUp = () => {}
  #isStopped = false
  /** Without ffmpeg none is made before, in ms since the epoch; 0: there was one. */
  #lacksUntil = 0
  #working: Promise<void> = Promise.resolve()
  #isWorking = false

  constructor(parts: LivePreviewsParts) {
    this.#parts = parts
  }

  /** A media playlist was published. Costs next to nothing while no picture is due. */
  published(app: string, name: string): void {
    const { host, rules } = this.#parts
    const now = host.clock.now()
    if (now < this.#lacksUntil && this.#lacksUntil - now <= FFMPEG_LOOK_MS) return
    const previewed = this.#ofPlaylists.get(`${app}/${name}`) ?? this.#note(app, name)
    const { dueAt } = previewed
    if (now < dueAt && dueAt - now <= rules.periodMs) return
    previewed.dueAt = now + rules.periodMs
    if (!rules.isOn(app, previewed.stream) || this.#isStopped) return
    this.#waiting.add(previewed)
    if (!this.#isWorking) this.#working = this.#work()
  }

  #note(app: string, name: string): Previewed {
    const stream = streamOf(name)
    const previewed = this.#streams.get(`${app}/${stream}`) ?? { app, stream, dueAt: 0 }
    this.#streams.set(`${app}/${stream}`, previewed)
    this.#ofPlaylists.set(`${app}/${name}`, previewed)
    for (const map of [this.#streams, this.#ofPlaylists]) {
      const [oldest] = map.keys()
      if (map.size > MAX_PREVIEWED_PLAYLISTS && oldest !== undefined) map.delete(oldest)
    }
    return previewed
  }

  /** Makes no picture any more; resolves when none is being made. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#giveUp()
    await this.#working
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    for (const previewed of this.#waiting) {
      if (this.#isStopped) break
      this.#waiting.delete(previewed)
      await this.#make(previewed).catch((cause: unknown) => this.#failed(previewed, cause))
    }
    this.#isWorking = false
  }

  /** That there is no ffmpeg is said once. */
  #failed({ app, stream }: Previewed, cause: unknown): void {
    const { host } = this.#parts
    const isLacking = cause instanceof JobError && cause.code === 'ffmpeg-missing'
    if (!isLacking || this.#lacksUntil === 0) host.log.warn('preview not made', { app, stream, cause })
    if (!isLacking) return
    this.#lacksUntil = host.clock.now() + FFMPEG_LOOK_MS
    this.#waiting.clear()
  }

  async #make(previewed: Previewed): Promise<void> {
    const { host, journal, rules, record, make } = this.#parts
    const { app, stream } = previewed
    const session = readStream(journal, app, stream)?.session
    // Its session is about to be noted.
    if (session === undefined) previewed.dueAt = 0
    if (session?.picture === undefined) return
    const playlists = Object.keys(session.playlists).flatMap((name) => {
      const found = record(app, name)
      return found?.kind === 'media' ? [seen(journal, app, name, found)] : []
    })
    const part = lastPart(journal, app, session, playlists)
    if (part === undefined) return
    const { format } = rules
    const task: PictureTask = { kind: 'picture', app, stream, format, file: `${session.picture}.${format}`, part }
    const abort = new AbortController()
    this.#giveUp = () => abort.abort()
    const cancel = host.clock.after(MAX_PREVIEW_MS, this.#giveUp)
    await make(host.nextId(), task, abort.signal).finally(cancel)
    this.#lacksUntil = 0
  }
}
