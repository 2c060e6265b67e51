import type { Random } from '../../support/random.ts'
import { EndedStream, type SeenList } from './ended-stream.ts'
import type { Happening } from './happenings.ts'

/** How long after its end a stream goes, in ms: longer than encoders that start again at once take for their first upload. */
const AFTER_MS = [20_000, 25_000, 40_000] as const
/** How long a list is silent that silence ends, in ms. */
const SILENT_MS = 12_000
const GOES_CHANCE = 0.8
const SILENT_CHANCE = 0.4
const MESSAGE_CHANCE = 0.4
/** From the last segment of a life to its server's message, in ms. */
const MESSAGE_MS = [0, 3_000] as const
const ONE_STREAM_CHANCE = 0.5
const ALIKE_CHANCE = 0.5
/** How often the power fails after the end of a life, in how many of a history, and how much later than the stream would go, in ms. */
const FAILURE_CHANCE = 0.4
const MAX_FAILURES = 2
const FAILURE_MS = 20_000
/** How much before or after it would go an encoder is back that comes back at the last moment, in ms. */
const EDGE_MS = 400
/** How long after it has gone an encoder is back, in ms, and how long it waits for that. */
const LATER_MS = [0, 30_000] as const
const PATIENCE_MS = 240_000

/** When an encoder starts again: as soon as it can, when its stream is about to go, or when it has gone. */
export type Return = 'soon' | 'edge' | 'later'

/** An encoder whose stream may go. */
export interface Leaver {
  /** Its playlist is gone: what was sent up to `from` is. */
  forget(from: number): void
}

interface Playlist {
  readonly stream: EndedStream
  readonly leavers: Leaver[]
  /** SHA-256 of what players saw of it since it began, and whether that came later than a list that named it. */
  readonly shown: Map<string, boolean>
  /** Whether its list slides with each version, once it is as long as it gets. */
  readonly slides: boolean
  /** When the next life of its encoder may begin at the latest, in ms since the epoch. */
  until: number
  /** How long after its stream has gone the next life begins, or from when before it goes, in ms. */
  distance: number
}

/** What becomes of streams that end, in a history whose receiver removes them, and when their encoders come back. */
export class Endings {
  readonly afterMs: number
  /** How long a list is silent before it ends, in ms; undefined: it never does. */
  readonly silentMs: number | undefined
  /** Whether two renditions are of one stream. */
  readonly isOneStream: boolean
  /** What a second stream is called: one that stays may look like the first, which goes. */
  readonly second: string
  readonly #random: Random
  readonly #isFaulty: boolean
  readonly #happened: Set<Happening>
  readonly #streams = new Map<string, EndedStream>()
  readonly #playlists = new Map<string, Playlist>()
  readonly #removed = new Map<string, boolean>()
  /** Whoever sends the playlist that leads to the others. */
  #leading: Leaver | undefined
  /** When the power fails, in ms since the epoch. */
  #failures: number[] = []
  #failuresLeft = MAX_FAILURES

  /** `happened` is told of what happens. */
  constructor(random: Random, isFaulty: boolean, happened: Set<Happening>) {
    this.#random = random
    this.#isFaulty = isFaulty
    this.#happened = happened
    this.afterMs = random.pick(AFTER_MS)
    this.silentMs = random.next() < SILENT_CHANCE ? SILENT_MS : undefined
    this.isOneStream = random.next() < ONE_STREAM_CHANCE
    this.second = random.next() < ALIKE_CHANCE ? 'cam01' : 'cam1'
  }

  /** All streams of which media playlists are sent. */
  get streams(): readonly EndedStream[] {
    return [...this.#streams.values()]
  }

  /** The media playlists of a stream. */
  playlistsOf(stream: EndedStream): string[] {
    return [...this.#playlists].filter(([, playlist]) => playlist.stream === stream).map(([name]) => name)
  }

  /** Which stream a playlist is of, by its name; undefined: one that nobody sends media playlists of. */
  streamOf(name: string): EndedStream | undefined {
    return this.#streams.get(streamId(name))
  }

  /** Whether the receiver removes the stream of a playlist when it has ended. */
  goes(name: string): boolean {
    return this.streamOf(name)?.goes ?? false
  }

  /** A playlist that an encoder sends, and whether it slides with each version. */
  join(name: string, leaver: Leaver, slides: boolean): EndedStream {
    const id = streamId(name)
    const isFirst = this.#streams.size === 0
    const rules = { afterMs: this.afterMs, isFaulty: this.#isFaulty, endsSilent: this.silentMs !== undefined }
    const goes = this.#random.next() < GOES_CHANCE || isFirst
    const stream = this.#streams.get(id) ?? new EndedStream(id, goes, rules)
    this.#streams.set(id, stream)
    const known = this.#playlists.get(name)
    if (known !== undefined) known.leavers.push(leaver)
    else {
      this.#playlists.set(name, { stream, leavers: [leaver], shown: new Map(), slides, until: 0, distance: 0 })
    }
    return stream
  }

  /** The encoder of a playlist that leads to others. */
  leads(leaver: Leaver): void {
    this.#leading = leaver
  }

  /** The receiver runs, which was started at `begunAt`. */
  started(begunAt: number, at: number): void {
    for (const stream of this.streams) {
      if (stream.goes && stream.hasEnded) this.#happened.add('restart of the receiver before a removal')
      stream.started(begunAt, at)
    }
  }

  /** The receiver is gone. */
  stopped(at: number): void {
    for (const stream of this.streams) stream.stopped(at)
  }

  /** A life of a playlist's encoder ends: when it will send its message, and when it comes back. */
  lifeEnds(name: string, at: number): { readonly message: number | undefined; readonly back: Return } {
    const random = this.#random
    const back = random.pick(['soon', 'soon', 'edge', 'later'] as const)
    const playlist = this.#playlists.get(name)
    if (playlist !== undefined) {
      playlist.until = at + PATIENCE_MS
      playlist.distance = back === 'edge' ? random.whole(-EDGE_MS, EDGE_MS) : random.whole(...LATER_MS)
    }
    if (this.#failuresLeft > 0 && random.next() < FAILURE_CHANCE) {
      this.#failuresLeft--
      this.#failures.push(at + random.whole(0, this.afterMs + FAILURE_MS))
    }
    const message = random.next() < MESSAGE_CHANCE ? at + random.whole(...MESSAGE_MS) : undefined
    // An id is told from no other of the app, whatever their folders.
    const isTold = this.streams.filter(({ id }) => baseOf(id) === baseOf(streamId(name))).length === 1
    return { message: isTold ? message : undefined, back }
  }

  /** When the next life of an encoder may begin, as far as is known at `at`; its first upload comes `leadMs` later. */
  backAt(name: string, back: Return, at: number, leadMs: number): number {
    const playlist = this.#playlists.get(name)
    if (playlist === undefined || back === 'soon' || at >= playlist.until) return at
    const { stream, distance, until } = playlist
    if (back === 'edge') return Math.min(until, stream.goesAt - leadMs + distance)
    if (stream.isServed(name)) return until
    playlist.until = Math.min(until, at + distance)
    return playlist.until
  }

  /** Whether the power fails by now. */
  failsBy(at: number): boolean {
    const isTime = this.#failures.some((failure) => failure <= at)
    this.#failures = this.#failures.filter((failure) => failure > at)
    return isTime
  }

  /** Another text of a playlist is served, which leads to these files, by SHA-256. */
  seen(name: string, list: SeenList, files: ReadonlyMap<string, boolean>, at: number): void {
    const playlist = this.#playlists.get(name)
    if (playlist === undefined) return
    const { stream, shown, slides } = playlist
    for (const [hash, isLate] of files) shown.set(hash, isLate)
    const goes = stream.goes && stream.hasEnded
    stream.seen(name, list, slides, at)
    if (goes && !stream.hasEnded) this.#happened.add('return before a removal')
  }

  /** A playlist is not served any more, which leads to these: what is wrong with that. */
  vanished(name: string, variants: readonly string[], at: number): string[] {
    const playlist = this.#playlists.get(name)
    if (playlist === undefined) {
      const isFree = (other: string) => {
        const stream = this.streamOf(other)
        return stream?.isServed(other) === false || stream?.goneAfter(at) !== undefined
      }
      const hasGone = this.streamOf(name)?.goneAfter(at) !== undefined
      this.#leading?.forget(at)
      return hasGone || variants.every(isFree) ? [] : [`P5: ${name} is gone before what it leads to`]
    }
    const { stream, leavers, shown } = playlist
    const quiet = stream.goneAfter(at)
    if (quiet === undefined) return [`P5: ${name} is gone before its time`]
    stream.gone(name, quiet)
    for (const [hash, isLate] of shown) this.#removed.set(hash, isLate)
    shown.clear()
    for (const leaver of leavers) leaver.forget(quiet.from)
    this.#happened.add('removal of a stream that has ended')
    return []
  }

  /** Whether a playlist may be about to go, so that none leads to it any more. */
  isLeaving(name: string, at: number): boolean {
    return this.streamOf(name)?.isLeaving(at) === true
  }

  /** SHA-256 of what players saw of playlists that were removed, and whether it came later than a list that named it. */
  get removed(): ReadonlyMap<string, boolean> {
    return this.#removed
  }

  /** What is still served by `at` and should have gone; storage failed at `failedAt` last. */
  late(at: number, failedAt: number, isLed: boolean): string[] {
    // Whatever leads to it must have left it out in the store before, which may be down for long.
    if (isLed) return []
    // Before it is known that there is one of a longer name, its files pass for those of the other.
    const isAlike = ({ id }: EndedStream) => this.streams.some((other) => other.id !== id && other.id.startsWith(id))
    const late = this.streams.filter((stream) => stream.isOverdue(at, failedAt) && !isAlike(stream))
    return late.map(({ id }) => `P5: ${id} is still served after its end`)
  }
}

/** The stream of a playlist by the names that encoders here give: renditions have their own behind it. */
function streamId(name: string): string {
  const stem = name.replace(/\.m3u8$/, '')
  return /^cam_\d+p\d+kbps$/.test(stem) ? 'cam' : stem
}

function baseOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1)
}
