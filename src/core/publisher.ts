import type { Catalog, Placing } from './catalog.ts'
import { ReceiverError } from './errors.ts'
import { type Binding, bindingsOf, bindPlaylist } from './playlist/bind.ts'
import { renderPlaylist } from './playlist/render.ts'
import { type ScannedPlaylist, scanPlaylist } from './playlist/scan.ts'
import { type PlaylistState, PlaylistStates, type PlaylistVersion, type ServedPlaylist } from './playlist-states.ts'
import type { Host, Journal, JournalWrite } from './ports.ts'
import { encodePublished, keys, splitAppKey, toBytes, toText } from './records.ts'
import { baseName } from './upload-path.ts'
import type { Mount } from './upload-target.ts'
import { isSegmentUri } from './uri.ts'

/** Told of each publication, with the stored names it is the first to name. */
export type OnPublished = (app: string, name: string, served: ServedPlaylist, fresh: readonly string[]) => void

/** Serves a playlist once everything it names is here; until then the version before it stays served. */
export class Publisher {
  readonly #host: Host
  readonly #journal: Journal
  readonly #catalog: Catalog
  readonly #mounts: readonly Mount[]
  readonly #onPublished: OnPublished
  readonly #states: PlaylistStates
  #order = 0

  constructor(host: Host, journal: Journal, catalog: Catalog, mounts: readonly Mount[], onPublished: OnPublished) {
    this.#host = host
    this.#journal = journal
    this.#catalog = catalog
    this.#mounts = mounts
    this.#onPublished = onPublished
    this.#states = new PlaylistStates(journal, host.log)
  }

  /** Makes a playlist's text durable and publishes it as soon as it can be. Throws `playlist-invalid`. Resolves when durable. */
  async accept(at: Placing, bytes: Uint8Array): Promise<{ isNew: boolean }> {
    const scanned = scanPlaylist(bytes)
    assertUris(scanned)
    const isNew = this.#journal.get(keys.accepted(at.app, at.name)) === undefined
    const state = this.#states.use(at.app, at.name)
    const binding = this.#bind(scanned, at, state)
    const awaits = binding.missing.map((base) => `${at.app}/${base}`)
    const version = { at, bytes, scanned, order: ++this.#order, awaits }
    state.acceptedOrder = version.order
    const accepted: JournalWrite = { key: keys.accepted(at.app, at.name), value: bytes }
    if (awaits.length === 0) await this.#publish(version, state, binding, [accepted])
    else await this.#wait(version, state, [accepted])
    return { isNew }
  }

  /** What players get under a stored name; undefined when nothing was published yet. */
  served(app: string, name: string): ServedPlaylist | undefined {
    const isKnown = this.#states.held(`${app}/${name}`) !== undefined
    if (!isKnown && this.#journal.get(keys.published(app, name)) === undefined) return undefined
    return this.#states.use(app, name).served
  }

  /** The newest accepted text, in the encoder's words. */
  accepted(app: string, name: string): Uint8Array | undefined {
    return this.#journal.get(keys.accepted(app, name))
  }

  /** A file arrived under an encoder name: playlists that waited for it look again. */
  arrived(app: string, name: string): void {
    for (const key of this.#states.waitingFor(`${app}/${baseName(name)}`)) this.#reconsider(key)
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
    const state = this.#states.held(key)
    if (state === undefined) return
    for (const version of [...state.waiting].reverse()) {
      const binding = this.#bind(version.scanned, version.at, state)
      if (binding.missing.length > 0) continue
      this.#publish(version, state, binding, []).catch((cause: unknown) => {
        const { app, name } = version.at
        this.#host.log.error('playlist not published', { app, name, cause })
        this.#states.wait(state, [version, ...state.waiting])
      })
      return
    }
  }

  #bind(scanned: ScannedPlaylist, at: Placing, state: PlaylistState): Binding {
    return bindPlaylist(scanned, at, state.bindings, {
      catalog: this.#catalog,
      mounts: this.#mounts,
      isPublished: (app, name) => this.served(app, name) !== undefined,
    })
  }

  async #wait(version: PlaylistVersion, state: PlaylistState, writes: readonly JournalWrite[]): Promise<void> {
    const { app, name, owner } = version.at
    this.#states.wait(state, [...state.waiting, version])
    try {
      await this.#journal.commit([...writes, { key: keys.waiting(app, name), value: toBytes(owner) }])
    } catch (error) {
      // Its sender is told that it was not taken: then it must not be served either.
      const others = state.waiting.filter((other) => other !== version)
      this.#states.wait(state, others)
      throw error
    }
    // What it waits for may have become durable during the commit.
    this.#reconsider(state.key)
  }

  async #publish(
    version: PlaylistVersion,
    state: PlaylistState,
    binding: Binding,
    writes: readonly JournalWrite[],
  ): Promise<void> {
    const { app, name } = version.at
    const text = renderPlaylist(version.scanned, binding.uris)
    const served = { bytes: toBytes(text), version: ++state.version, publishedAt: this.#host.clock.now() }
    const newer = state.waiting.filter((other) => other.order > version.order)
    this.#states.wait(state, newer)
    const nothingWaits = version.order >= state.acceptedOrder
    await this.#journal.commit([
      ...writes,
      { key: keys.published(app, name), value: encodePublished({ ...served, raw: toText(version.bytes), text }) },
      { key: keys.unstoredPlaylist(app, name, served.version), value: new Uint8Array(0) },
      ...(nothingWaits ? [{ key: keys.waiting(app, name), value: null }] : []),
    ])
    if (version.order < state.publishedOrder) return
    state.publishedOrder = version.order
    this.#states.serve(state, served, bindingsOf(version.scanned, binding.uris))
    this.#onPublished(app, name, served, binding.stored)
    this.arrived(app, name)
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
