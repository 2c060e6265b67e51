import type { Catalog, Placing } from './catalog.ts'
import { ReceiverError } from './errors.ts'
import { MAX_HELD_PLAYLIST_BYTES, MAX_PLAYLIST_BYTES, MAX_PLAYLIST_STATES, MAX_WAITING_VERSIONS } from './limits.ts'
import { type Binding, type Bindings, bindingsOf, bindPlaylist } from './playlist/bind.ts'
import { renderPlaylist } from './playlist/render.ts'
import { type ScannedPlaylist, scanAgain, scanPlaylist } from './playlist/scan.ts'
import type { Host, Journal, JournalWrite } from './ports.ts'
import {
  decodePublished,
  encodePublished,
  keys,
  type PublishedPlaylist,
  splitAppKey,
  toBytes,
  toText,
} from './records.ts'
import { baseName } from './upload-path.ts'
import type { Mount } from './upload-target.ts'
import { isSegmentUri } from './uri.ts'

/** A playlist as players get it. */
export interface ServedPlaylist {
  readonly bytes: Uint8Array
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
}

/** Told of each publication, with the stored names it is the first to name. */
export type OnPublished = (app: string, name: string, served: ServedPlaylist, fresh: readonly string[]) => void

/** An accepted version of a playlist on its way to being served. */
interface Version {
  readonly at: Placing
  readonly bytes: Uint8Array
  readonly scanned: ScannedPlaylist
  readonly order: number
  /** What it waits for, by app and last name part; set when it begins to wait. */
  awaits: readonly string[]
}

interface PlaylistState {
  served: ServedPlaylist | undefined
  bindings: Bindings | undefined
  /** `order` of the newest version that was published. */
  publishedOrder: number
  acceptedOrder: number
  version: number
  waiting: Version[]
}

/** Serves a playlist once everything it names is here; until then the version before it stays served. */
export class Publisher {
  readonly #host: Host
  readonly #journal: Journal
  readonly #catalog: Catalog
  readonly #mounts: readonly Mount[]
  readonly #onPublished: OnPublished
  readonly #states = new Map<string, PlaylistState>()
  /** Keys of playlists with a version that waits for a file, by app and the file's last name part. */
  readonly #awaited = new Map<string, Set<string>>()
  #order = 0
  #heldBytes = 0

  constructor(host: Host, journal: Journal, catalog: Catalog, mounts: readonly Mount[], onPublished: OnPublished) {
    this.#host = host
    this.#journal = journal
    this.#catalog = catalog
    this.#mounts = mounts
    this.#onPublished = onPublished
  }

  /** Makes a playlist's text durable and publishes it as soon as it can be. Throws `playlist-invalid`. Resolves when durable. */
  async accept(at: Placing, bytes: Uint8Array): Promise<{ isNew: boolean }> {
    const scanned = scanPlaylist(bytes)
    assertUris(scanned)
    const isNew = this.#journal.get(keys.accepted(at.app, at.name)) === undefined
    const state = this.#state(at.app, at.name)
    const version: Version = { at, bytes, scanned, order: ++this.#order, awaits: [] }
    state.acceptedOrder = version.order
    const accepted: JournalWrite = { key: keys.accepted(at.app, at.name), value: bytes }
    const binding = this.#bind(version, state)
    if (binding.missing.length === 0) await this.#publish(version, state, binding, [accepted])
    else await this.#wait({ ...version, awaits: binding.missing.map((base) => keyOf(at.app, base)) }, state, [accepted])
    return { isNew }
  }

  /** What players get under a stored name; undefined when nothing was published yet. */
  served(app: string, name: string): ServedPlaylist | undefined {
    if (!this.#states.has(keyOf(app, name)) && this.#journal.get(keys.published(app, name)) === undefined)
      return undefined
    return this.#state(app, name).served
  }

  /** The newest accepted text, in the encoder's words. */
  accepted(app: string, name: string): Uint8Array | undefined {
    return this.#journal.get(keys.accepted(app, name))
  }

  /** A file arrived under an encoder name: playlists that waited for it look again. */
  arrived(app: string, name: string): void {
    const waiting = this.#awaited.get(keyOf(app, baseName(name)))
    if (waiting === undefined) return
    for (const key of [...waiting]) this.#reconsider(key)
  }

  /** Takes up the versions that waited when the receiver stopped. */
  async recover(): Promise<void> {
    for (const [key, ownerBytes] of [...this.#journal.entries('g/')]) {
      const at = { ...splitAppKey(key), owner: toText(ownerBytes) }
      const bytes = this.accepted(at.app, at.name)
      try {
        if (bytes !== undefined) await this.accept(at, bytes)
      } catch (cause) {
        this.#host.log.error('playlist not taken up again', { app: at.app, name: at.name, cause })
      }
    }
  }

  #reconsider(key: string): void {
    const state = this.#states.get(key)
    if (state === undefined) return
    for (const version of [...state.waiting].reverse()) {
      const binding = this.#bind(version, state)
      if (binding.missing.length > 0) continue
      this.#publish(version, state, binding, []).catch((cause: unknown) =>
        this.#host.log.error('playlist not published', { app: version.at.app, name: version.at.name, cause }),
      )
      return
    }
  }

  #bind(version: Version, state: PlaylistState): Binding {
    return bindPlaylist(version.scanned, version.at, state.bindings, {
      catalog: this.#catalog,
      mounts: this.#mounts,
      isPublished: (app, name) => this.served(app, name) !== undefined,
    })
  }

  async #wait(version: Version, state: PlaylistState, writes: readonly JournalWrite[]): Promise<void> {
    const { app, name, owner } = version.at
    this.#watch(state, newestThatFit([...state.waiting, version]), keyOf(app, name))
    try {
      await this.#journal.commit([...writes, { key: keys.waiting(app, name), value: toBytes(owner) }])
    } catch (error) {
      // Its sender is told that it was not taken: then it must not be served either.
      this.#watch(
        state,
        state.waiting.filter((other) => other !== version),
        keyOf(app, name),
      )
      throw error
    }
    // What it waits for may have become durable during the commit.
    this.#reconsider(keyOf(app, name))
  }

  async #publish(
    version: Version,
    state: PlaylistState,
    binding: Binding,
    writes: readonly JournalWrite[],
  ): Promise<void> {
    const { app, name } = version.at
    const text = renderPlaylist(version.scanned, binding.uris)
    const playlist: PublishedPlaylist = {
      version: ++state.version,
      publishedAt: this.#host.clock.now(),
      raw: toText(version.bytes),
      text,
    }
    this.#watch(
      state,
      state.waiting.filter((other) => other.order > version.order),
      keyOf(app, name),
    )
    const nothingWaits = version.order >= state.acceptedOrder
    await this.#journal.commit([
      ...writes,
      { key: keys.published(app, name), value: encodePublished(playlist) },
      { key: keys.unstoredPlaylist(app, name, playlist.version), value: new Uint8Array(0) },
      ...(nothingWaits ? [{ key: keys.waiting(app, name), value: null }] : []),
    ])
    if (version.order < state.publishedOrder) return
    state.publishedOrder = version.order
    const served = { bytes: toBytes(text), version: playlist.version, publishedAt: playlist.publishedAt }
    const isHeld = this.#states.get(keyOf(app, name)) === state
    if (isHeld) this.#heldBytes += served.bytes.length - (state.served?.bytes.length ?? 0)
    state.served = served
    state.bindings = bindingsOf(version.scanned, binding.uris)
    this.#onPublished(app, name, served, binding.stored)
    this.arrived(app, name)
  }

  /** Sets the waiting versions of a playlist, and by them what wakes it. */
  #watch(state: PlaylistState, waiting: Version[], key: string): void {
    for (const awaited of state.waiting.flatMap((version) => version.awaits)) {
      const set = this.#awaited.get(awaited)
      set?.delete(key)
      if (set?.size === 0) this.#awaited.delete(awaited)
    }
    this.#heldBytes += bytesOf(waiting) - bytesOf(state.waiting)
    state.waiting = waiting
    for (const awaited of waiting.flatMap((version) => version.awaits)) {
      this.#awaited.set(awaited, (this.#awaited.get(awaited) ?? new Set()).add(key))
    }
  }

  #state(app: string, name: string): PlaylistState {
    const key = keyOf(app, name)
    const state = this.#states.get(key) ?? this.#load(app, name)
    this.#states.delete(key)
    this.#states.set(key, state)
    return state
  }

  #load(app: string, name: string): PlaylistState {
    this.#evict()
    const bytes = this.#journal.get(keys.published(app, name))
    const state: PlaylistState = {
      served: undefined,
      bindings: undefined,
      publishedOrder: 0,
      acceptedOrder: 0,
      version: 0,
      waiting: [],
    }
    if (bytes === undefined) return state
    const { version, publishedAt, raw, text } = decodePublished(bytes)
    const served = { bytes: toBytes(text), version, publishedAt }
    const bindings = bindingsOf(
      scanAgain(raw.replaceAll('\r\n', '\n')),
      scanAgain(text).uris.map((site) => site.uri),
    )
    this.#heldBytes += served.bytes.length
    return { ...state, served, bindings, version }
  }

  /** Forgets the playlists that were used longest ago; those that wait go last, and wait for their next upload then. */
  #evict(): void {
    const isFull = () => this.#states.size >= MAX_PLAYLIST_STATES || this.#heldBytes > MAX_HELD_PLAYLIST_BYTES
    for (const waitingToo of [false, true]) {
      for (const [key, state] of this.#states) {
        if (!isFull()) return
        const isBusy = state.waiting.length > 0 || state.publishedOrder < state.acceptedOrder
        if (isBusy && !waitingToo) continue
        if (isBusy) this.#host.log.warn('waiting playlist forgotten', { key })
        this.#watch(state, [], key)
        this.#heldBytes -= state.served?.bytes.length ?? 0
        this.#states.delete(key)
      }
    }
  }
}

/** A segment, a map or a variant comes over HTTP, and from here. Throws `playlist-invalid`. */
function assertUris(scanned: ScannedPlaylist): void {
  const bad = scanned.uris.find(({ role, uri }) => role !== 'other' && !isSegmentUri(uri))
  if (bad === undefined) return
  throw new ReceiverError(
    'playlist-invalid',
    `Line ${bad.line + 1} has a URI of another scheme, or one that leaves its folder.`,
  )
}

function bytesOf(versions: readonly Version[]): number {
  return versions.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** At most MAX_WAITING_VERSIONS of a playlist wait, and no more bytes than one may have; the newest always does. */
function newestThatFit(versions: readonly Version[]): Version[] {
  const newest = versions.slice(-MAX_WAITING_VERSIONS)
  while (newest.length > 1 && bytesOf(newest) > MAX_PLAYLIST_BYTES) newest.shift()
  return newest
}

function keyOf(app: string, name: string): string {
  return `${app}/${name}`
}
