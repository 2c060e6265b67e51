import type { Placing } from './catalog.ts'
import { MAX_HELD_PLAYLIST_BYTES, MAX_PLAYLIST_BYTES, MAX_PLAYLIST_STATES, MAX_WAITING_VERSIONS } from './limits.ts'
import { type Bindings, bindingsOf } from './playlist/bind.ts'
import { type ScannedPlaylist, scanAgain } from './playlist/scan.ts'
import type { Journal, Log } from './ports.ts'
import { decodePublished, keys, toBytes } from './records.ts'

/** A playlist as players get it. */
export interface ServedPlaylist {
  readonly bytes: Uint8Array
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
}

/** An accepted version of a playlist on its way to being served. */
export interface PlaylistVersion {
  readonly at: Placing
  readonly bytes: Uint8Array
  readonly scanned: ScannedPlaylist
  /** Counts up with each accepted version. */
  readonly order: number
  /** What it waits for, by app and last name part. */
  readonly awaits: readonly string[]
}

/** What is known of one playlist while it is in use. */
export interface PlaylistState {
  /** `APP/NAME`. */
  readonly key: string
  served: ServedPlaylist | undefined
  bindings: Bindings | undefined
  /** `order` of the newest version that was published, and of the newest that was accepted. */
  publishedOrder: number
  acceptedOrder: number
  version: number
  waiting: readonly PlaylistVersion[]
}

/** The playlists in use, and which of them wait for which file; read again from the journal when they were forgotten. */
export class PlaylistStates {
  readonly #journal: Journal
  readonly #log: Log
  /** Those used longest ago come first. */
  readonly #states = new Map<string, PlaylistState>()
  /** Keys of playlists with a version that waits for a file, by app and the file's last name part. */
  readonly #awaited = new Map<string, Set<string>>()
  #heldBytes = 0

  constructor(journal: Journal, log: Log) {
    this.#journal = journal
    this.#log = log
  }

  /** The state of a playlist, empty for one that nobody uploaded yet. */
  use(app: string, name: string): PlaylistState {
    const key = `${app}/${name}`
    const state = this.#states.get(key) ?? this.#load(app, name, key)
    this.#states.delete(key)
    this.#states.set(key, state)
    return state
  }

  /** The state of a playlist when it is in memory. */
  held(key: string): PlaylistState | undefined {
    return this.#states.get(key)
  }

  /** Keys of the playlists that wait for a file of this name. */
  waitingFor(awaited: string): string[] {
    return [...(this.#awaited.get(awaited) ?? [])]
  }

  /** Sets what a playlist is served as. */
  serve(state: PlaylistState, served: ServedPlaylist, bindings: Bindings): void {
    if (this.#states.get(state.key) === state) this.#heldBytes += served.bytes.length - sizeOf(state.served)
    state.served = served
    state.bindings = bindings
  }

  /** Sets the versions of a playlist that wait, the oldest ones left out where they are too many, and what wakes it. */
  wait(state: PlaylistState, versions: readonly PlaylistVersion[]): void {
    for (const awaited of state.waiting.flatMap((version) => version.awaits)) {
      const set = this.#awaited.get(awaited)
      set?.delete(state.key)
      if (set?.size === 0) this.#awaited.delete(awaited)
    }
    const waiting = newestThatFit(versions)
    this.#heldBytes += bytesOf(waiting) - bytesOf(state.waiting)
    state.waiting = waiting
    for (const awaited of waiting.flatMap((version) => version.awaits)) {
      this.#awaited.set(awaited, (this.#awaited.get(awaited) ?? new Set()).add(state.key))
    }
  }

  #load(app: string, name: string, key: string): PlaylistState {
    this.#evict()
    const bytes = this.#journal.get(keys.published(app, name))
    const empty = { served: undefined, bindings: undefined, publishedOrder: 0, acceptedOrder: 0, version: 0 }
    if (bytes === undefined) return { key, ...empty, waiting: [] }
    const { version, publishedAt, raw, text } = decodePublished(bytes)
    const served = { bytes: toBytes(text), version, publishedAt }
    const uris = scanAgain(text).uris.map((site) => site.uri)
    this.#heldBytes += served.bytes.length
    return {
      key,
      ...empty,
      served,
      bindings: bindingsOf(scanAgain(raw.replaceAll('\r\n', '\n')), uris),
      version,
      waiting: [],
    }
  }

  /** Forgets the playlists that were used longest ago; those that wait go last, and wait for their next upload then. */
  #evict(): void {
    const isFull = () => this.#states.size >= MAX_PLAYLIST_STATES || this.#heldBytes > MAX_HELD_PLAYLIST_BYTES
    for (const waitingToo of [false, true]) {
      for (const [key, state] of this.#states) {
        if (!isFull()) return
        const isBusy = state.waiting.length > 0 || state.publishedOrder < state.acceptedOrder
        if (isBusy && !waitingToo) continue
        if (isBusy) this.#log.warn('waiting playlist forgotten', { key })
        this.wait(state, [])
        this.#heldBytes -= sizeOf(state.served)
        this.#states.delete(key)
      }
    }
  }
}

function sizeOf(served: ServedPlaylist | undefined): number {
  return served?.bytes.length ?? 0
}

function bytesOf(versions: readonly PlaylistVersion[]): number {
  return versions.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** At most MAX_WAITING_VERSIONS of a playlist wait, and no more bytes than one may have; the newest always does. */
function newestThatFit(versions: readonly PlaylistVersion[]): readonly PlaylistVersion[] {
  const newest = versions.slice(-MAX_WAITING_VERSIONS)
  while (newest.length > 1 && bytesOf(newest) > MAX_PLAYLIST_BYTES) newest.shift()
  return newest
}
