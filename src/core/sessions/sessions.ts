import type { NumberRange } from '../archive/numbered-text.ts'
import { streamOf } from '../archive/run-dates.ts'
import { hasPassed } from '../elapsed.ts'
import { SESSION_RETRY_MS, SESSION_SETTLE_MS } from '../limits.ts'
import { isServedEnded, liveSinceOf, type PlaylistRecord } from '../playlist-record.ts'
import type { Host, Journal, JournalWrite } from '../ports.ts'
import { splitAppKey } from '../records.ts'
import type { StaleRule } from '../stale-rule.ts'
import type { EventQueue, StreamEvent } from '../webhooks/stream-event.ts'
import type { SessionBegin } from './session-begin.ts'
import { firstNumber, isComplete, isLiveAgain, type SeenPlaylist, seen, withoutSession } from './session-steps.ts'
import { NEW_STREAM, readStream, type Session, type StreamRecord, streamWrite } from './stream-record.ts'
import type { Filed, TakeFiler } from './take-filer.ts'

/** What sessions are followed by. */
export interface SessionsParts {
  readonly host: Host
  readonly journal: Journal
  readonly stale: StaleRule
  readonly events: EventQueue
  readonly filer: TakeFiler
  /** What is made of a session that begins at a moment, in ms since the epoch. */
  begins(about: {
    readonly app: string
    readonly stream: string
    readonly record: StreamRecord
    readonly startedAt: number
  }): SessionBegin
  record(app: string, name: string): PlaylistRecord | undefined
  /** How many segments are missing in a part of a recording. */
  holes(app: string, name: string, range: NumberRange): Promise<number>
}

/** What a turn leaves: what is known of the stream then, and what is written with it. */
export interface Turned {
  readonly record: StreamRecord
  readonly files?: readonly Filed[]
  readonly events?: readonly StreamEvent[]
  readonly writes?: readonly JournalWrite[]
}

/** A stream that has its turn. */
export interface StreamTurn {
  readonly app: string
  readonly stream: string
  readonly record: StreamRecord | undefined
  /** The playlists of its session. */
  readonly playlists: readonly SeenPlaylist[]
}

/**
 * When streams are live. A session goes from the first publication to when all of a stream's playlists have ended, and nothing has
 * come back for SESSION_SETTLE_MS; what is to be made of it is filed then. Remembered over a restart.
 */
export class Sessions {
  readonly #parts: SessionsParts
  /** Playlists that are in a session; true: something is awaited of it. */
  readonly #live = new Map<string, boolean>()
  /** The last turn of each stream that has one, by journal key. */
  readonly #turns = new Map<string, Promise<unknown>>()
  /** The next look at a stream, by `APP/STREAM`. */
  readonly #looks = new Map<string, { readonly at: number; readonly cancel: () => void }>()
  /** Streams of which what is to be made is being noted. */
  readonly #filing = new Set<string>()
  readonly #bornAt: number
  #isStopped = false

  constructor(parts: SessionsParts) {
    this.#parts = parts
    this.#bornAt = parts.host.clock.now()
  }

  /** Takes up the sessions that were not over when the receiver stopped. */
  recover(): void {
    for (const [key] of [...this.#parts.journal.entries('S/')]) {
      const { app, name: stream } = splitAppKey(key)
      const { session } = readStream(this.#parts.journal, app, stream) ?? NEW_STREAM
      if (session === undefined) continue
      this.#know(app, session)
      this.#lookLater(app, stream, SESSION_SETTLE_MS)
    }
  }

  /** A media playlist was published. Costs nothing while it goes on. */
  published(app: string, name: string, isEnded: boolean): void {
    if (this.#isStopped || (!isEnded && this.#live.get(`${app}/${name}`) === false)) return
    const stream = streamOf(name)
    this.inTurn(app, stream, (turn) => this.#joined(turn, name)).catch((cause: unknown) => {
      this.#parts.host.log.error('session not noted', { app, stream, cause })
      this.#live.delete(`${app}/${name}`)
      this.#lookLater(app, stream, SESSION_RETRY_MS)
    })
    if (isEnded) {
      this.#forgetLook(`${app}/${stream}`)
      this.#lookLater(app, stream, SESSION_SETTLE_MS)
    }
  }

  /** Whether what is to be made of a stream is being noted: the jobs are not there yet. */
  isFiling(app: string, stream: string): boolean {
    return this.#filing.has(`${app}/${stream}`)
  }

  /** Changes what is known of a stream, one change at a time; undefined leaves it. Resolves when that is durable. */
  async inTurn(
    app: string,
    stream: string,
    change: (turn: StreamTurn) => Turned | undefined | Promise<Turned | undefined>,
  ): Promise<void> {
    const key = `${app}/${stream}`
    const before = this.#turns.get(key)
    const turn = (async () => {
      await before?.catch(() => undefined)
      await this.#change(app, stream, change)
    })()
    this.#turns.set(key, turn)
    try {
      await turn
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
  }

  /** Begins nothing any more; resolves when no change is on its way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const { cancel } of this.#looks.values()) cancel()
    await Promise.allSettled(this.#turns.values())
  }

  async #change(
    app: string,
    stream: string,
    change: (turn: StreamTurn) => Turned | undefined | Promise<Turned | undefined>,
  ): Promise<void> {
    const { journal, events } = this.#parts
    const record = readStream(journal, app, stream)
    const playlists = Object.keys(record?.session?.playlists ?? {}).flatMap((name) => this.#seen(app, name) ?? [])
    const turned = await change({ app, stream, record, playlists })
    if (turned === undefined) return
    const files = turned.files ?? []
    const told = (turned.events ?? []).flatMap((event) => events.writes(event))
    const { record: known, writes: more = [] } = turned
    const writes = [streamWrite(app, stream, known), ...files.flatMap((file) => file.writes), ...told, ...more]
    this.#filing.add(`${app}/${stream}`)
    try {
      await journal.commit(writes).finally(() => {
        for (const { release } of files) release()
      })
      for (const { begin } of files) begin()
    } finally {
      this.#filing.delete(`${app}/${stream}`)
    }
    if (told.length > 0) events.wake()
    for (const name of Object.keys(record?.session?.playlists ?? {})) this.#live.delete(`${app}/${name}`)
    if (turned.record.session !== undefined) this.#know(app, turned.record.session)
  }

  #know(app: string, { playlists, takes }: Session): void {
    const isAwaited = takes.some(({ to }) => to !== undefined)
    for (const name of Object.keys(playlists)) this.#live.set(`${app}/${name}`, isAwaited)
  }

  #seen(app: string, name: string): SeenPlaylist | undefined {
    const record = this.#parts.record(app, name)
    return record?.kind === 'media' ? seen(this.#parts.journal, app, name, record) : undefined
  }

  /** A playlist is part of its stream's session, or begins one; takes that were ended may be complete by now. */
  async #joined(
    { app, stream, record = NEW_STREAM, playlists }: StreamTurn,
    name: string,
  ): Promise<Turned | undefined> {
    const own = this.#seen(app, name)
    if (own === undefined) return undefined
    const { session } = record
    if (session?.playlists[name] !== undefined) return this.#complete(app, stream, record, playlists)
    if (!isLiveAgain(own, record)) return undefined
    const first = { [name]: firstNumber(own, record) }
    this.#lookLater(app, stream, this.#parts.stale.afterMs)
    if (session !== undefined) {
      return { record: { ...record, session: { ...session, playlists: { ...session.playlists, ...first } } } }
    }
    const startedAt = this.#parts.host.clock.now()
    const { takes, picture, pictured, writes = [] } = this.#parts.begins({ app, stream, record, startedAt })
    const about = { app, id: stream, timestamp: startedAt }
    const begun = takes.map(
      ({ vodId, format }): StreamEvent => ({ ...about, action: 'recordingStarted', vodId, fileType: format }),
    )
    return {
      record: {
        ...{ ...record, startedAt },
        session: { startedAt, playlists: first, takes, ...(picture === undefined ? {} : { picture }) },
        ...(pictured === undefined ? {} : { pictured }),
      },
      events: [{ ...about, action: 'liveStreamStarted' }, ...begun],
      writes,
    }
  }

  async #complete(
    app: string,
    stream: string,
    record: StreamRecord,
    playlists: readonly SeenPlaylist[],
  ): Promise<Turned | undefined> {
    const { session } = record
    const complete = session?.takes.filter((take) => isComplete(take, playlists, (each) => this.#isOver(each))) ?? []
    if (session === undefined || complete.length === 0) return undefined
    const files = await this.#parts.filer.file(app, stream, { session, takes: complete, playlists })
    const takes = session.takes.filter((take) => !complete.includes(take))
    return { record: { ...record, session: { ...session, takes } }, files }
  }

  /** Looks whether a session is over, in `ms` at the latest. */
  #lookLater(app: string, stream: string, ms: number): void {
    const { host } = this.#parts
    const key = `${app}/${stream}`
    const at = host.clock.now() + ms
    const planned = this.#looks.get(key)
    if (this.#isStopped || (planned !== undefined && planned.at <= at)) return
    this.#forgetLook(key)
    const look = () => {
      this.#looks.delete(key)
      this.inTurn(app, stream, (turn) => this.#look(turn)).catch((cause: unknown) => {
        host.log.error('session not ended', { app, stream, cause })
        this.#lookLater(app, stream, SESSION_RETRY_MS)
      })
    }
    this.#looks.set(key, { at, cancel: host.clock.after(ms, look) })
  }

  #forgetLook(key: string): void {
    this.#looks.get(key)?.cancel()
    this.#looks.delete(key)
  }

  /** Ends a session of which nothing goes on. */
  async #look({ app, stream, record, playlists }: StreamTurn): Promise<Turned | undefined> {
    const { host, stale, filer } = this.#parts
    const session = record?.session
    if (record === undefined || session === undefined) return undefined
    if (!playlists.every((playlist) => this.#isOver(playlist))) {
      this.#lookLater(app, stream, stale.afterMs)
      return undefined
    }
    const { takes } = session
    const files = await filer.file(app, stream, { session, takes, playlists, isOver: true })
    const timestamp = host.clock.now()
    host.log.info('stream is over', { app, stream, ms: timestamp - session.startedAt })
    return {
      record: withoutSession(record, playlists, timestamp),
      files,
      events: [
        ...(await this.#missing(app, stream, session, playlists)),
        { action: 'liveStreamEnded', app, id: stream, timestamp },
      ],
    }
  }

  /** Where stale playlists are not ended, silence ends the session all the same. */
  #isOver({ record }: SeenPlaylist): boolean {
    const { host, stale } = this.#parts
    const liveSince = liveSinceOf(record)
    if (isServedEnded(record) || liveSince === undefined) return true
    // The time in which the receiver was down does not count.
    return hasPassed(Math.max(liveSince, this.#bornAt), stale.afterMs, host.clock.now())
  }

  /** What is told of holes that nothing has filled. */
  async #missing(
    app: string,
    id: string,
    session: Session,
    playlists: readonly SeenPlaylist[],
  ): Promise<StreamEvent[]> {
    const told: StreamEvent[] = []
    for (const { name, next } of playlists) {
      const missing = await this.#parts.holes(app, name, { from: session.playlists[name] ?? 0, to: next })
      const timestamp = this.#parts.host.clock.now()
      if (missing > 0) told.push({ action: 'segmentsMissing', app, id, timestamp, playlist: name, missing })
    }
    return told
  }
}
