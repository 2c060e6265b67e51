import { atMost } from '../at-most.ts'
import { contentOf } from '../catalog.ts'
import { contentTypeOf } from '../file-kind.ts'
import { MAX_PLAYLIST_STATES, STORE_PATIENCE_MS, STORE_RETRY_MIN_MS } from '../limits.ts'
import type { ObjectStore } from '../object-store.ts'
import type { Host } from '../ports.ts'
import { relativeUri, resolveUri } from '../uri.ts'
import { Needs } from './needs.ts'
import { reducedPlaylist } from './reduced-playlist.ts'
import type { Settlement } from './settlement.ts'
import { storeKey } from './store-key.ts'
import type { StoreQueue } from './store-queue.ts'
import type { StoringRules } from './storing-rules.ts'

/** A playlist's newest served text. */
export type ReadServed = () => { readonly bytes: Uint8Array; readonly version: number } | undefined

/** Whether the store's copy of a playlist is this receiver's to write, as it is served now. Throws StorageError. */
export type MayWrite = () => Promise<boolean>

interface PlaylistWrite {
  readonly key: string
  readonly app: string
  readonly name: string
  read: ReadServed
  mayWrite: MayWrite | undefined
  /** What it names that the store lacks; undefined: nobody knows, after a start. */
  needs: Needs | undefined
  /** The store has not got the newest text as it is served. */
  isBehind: boolean
  /** The text with holes, or cut, that the store got last. */
  reduced: string | undefined
  isRunning: boolean
}

/** What the store may have of a playlist. */
interface Allowed {
  readonly bytes: Uint8Array
  readonly version: number
  /** The text, where it has holes or is cut. */
  readonly reduced: string | undefined
}

/** What the writer of playlists needs. */
export interface PlaylistWriterParts {
  readonly host: Host
  readonly store: ObjectStore
  readonly queue: StoreQueue
  readonly settlement: Settlement
  readonly rules: StoringRules
  /** Whether the store lacks an object that was accepted, or a playlist that is held back. */
  isMissing(key: string): boolean
}

/**
 * Brings served playlists into the store: not each text, at most one in `playlistIntervalMs`, and none that names what
 * is not there.
 */
export class PlaylistWriter {
  readonly #parts: PlaylistWriterParts
  readonly #writes = new Map<string, PlaylistWrite>()
  /** Playlists by the store keys that they need. */
  readonly #needing = new Map<string, Set<PlaylistWrite>>()
  readonly #running = new Set<Promise<void>>()
  /** Playlists of which the store got some version, those written longest ago first. */
  readonly #written = new Set<string>()
  /** Ends of pauses. */
  readonly #sleepers = new Set<() => void>()
  #isHurried = false
  #isClosed = false

  constructor(parts: PlaylistWriterParts) {
    this.#parts = parts
  }

  /** Takes note of a new text, and of the stored names that it leads to; undefined: whatever the store still lacks. */
  write(app: string, name: string, names: readonly string[] | undefined, read: ReadServed, mayWrite?: MayWrite): void {
    const key = storeKey(app, name)
    const write = this.#writes.get(key) ?? newWrite(key, app, name, read)
    this.#writes.set(key, write)
    write.read = read
    write.mayWrite = mayWrite
    if (names === undefined) write.needs = undefined
    else for (const each of names) this.#need(write, storeKey(app, each), each)
    write.isBehind = true
    if (write.isRunning) return
    const running = this.#run(write).catch((cause: unknown) => {
      write.isRunning = false
      this.#parts.host.log.error('playlist not stored', { key, cause })
    })
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** The store got an object. */
  stored(key: string): void {
    for (const write of this.#needing.get(key) ?? []) write.needs?.delete(key)
    this.#needing.delete(key)
  }

  /** Resolves when the store has every text. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Pauses no longer than it must: little time is left. */
  hurry(): void {
    this.#isHurried = true
    for (const wake of this.#sleepers) wake()
  }

  close(): void {
    this.#isClosed = true
    for (const wake of this.#sleepers) wake()
  }

  #need(write: PlaylistWrite, key: string, name: string): void {
    if (write.needs === undefined || !this.#isMissing(key)) return
    write.needs.add(key, name)
    this.#needing.set(key, (this.#needing.get(key) ?? new Set()).add(write))
  }

  #isMissing(key: string): boolean {
    return this.#parts.isMissing(key) || (this.#writes.has(key) && !this.#written.has(key))
  }

  async #run(write: PlaylistWrite): Promise<void> {
    write.isRunning = true
    while (write.isBehind && !this.#isClosed) {
      if (write.reduced === undefined && write.needs !== undefined) {
        await this.#sleep(STORE_PATIENCE_MS, write.needs.met())
      }
      if (this.#isClosed || !(await this.#put(write))) break
      if (write.isBehind || !this.#isHurried) await this.#sleep(this.#parts.rules.playlistIntervalMs)
    }
    write.isRunning = false
    if (!write.isBehind) this.#writes.delete(write.key)
  }

  /** Writes what the store may have by now; false when the writer was closed before. */
  async #put(write: PlaylistWrite): Promise<boolean> {
    const { queue, host, settlement } = this.#parts
    if (this.#isOld(write, this.#allowed(write))) return true
    let stored: Allowed | undefined
    let isDenied = false
    const run = async () => {
      const allowed = this.#allowed(write)
      if (allowed === undefined || this.#isOld(write, allowed)) return false
      write.isBehind = false
      try {
        isDenied = (await write.mayWrite?.()) === false
        if (!isDenied) await this.#store(write, allowed.bytes)
      } catch (error) {
        write.isBehind = true
        throw error
      }
      stored = allowed
      return true
    }
    const isDone = await queue.run({ key: write.key, kind: 'playlist', acceptedAt: host.clock.now(), run })
    if (!isDone || stored === undefined) return isDone
    write.reduced = stored.reduced
    if (stored.reduced === undefined || isDenied) settlement.addPlaylist(write.app, write.name, stored.version)
    else write.isBehind = true
    this.#noteWritten(write.key)
    return true
  }

  /** Whether there is nothing to write that the store has not got. */
  #isOld(write: PlaylistWrite, allowed: Allowed | undefined): boolean {
    if (write.read() === undefined) write.isBehind = false
    if (allowed === undefined) return true
    return allowed.reduced !== undefined && allowed.reduced === write.reduced
  }

  #store({ key, name }: PlaylistWrite, bytes: Uint8Array): Promise<void> {
    const { store, rules } = this.#parts
    const options = { contentType: contentTypeOf(name), cacheControl: rules.playlistCacheControl }
    return store.put(key, contentOf(bytes), options)
  }

  #allowed(write: PlaylistWrite): Allowed | undefined {
    const served = write.read()
    if (served === undefined) return undefined
    const { bytes, version } = served
    if (write.needs?.isEmpty === true) return { bytes, version, reduced: undefined }
    const reduced = reducedPlaylist(new TextDecoder().decode(bytes), this.#missingUris(write))
    if (reduced === undefined) return undefined
    if (reduced.isWhole) return { bytes, version, reduced: undefined }
    return { bytes: new TextEncoder().encode(reduced.text), version, reduced: reduced.text }
  }

  #missingUris({ app, name, needs }: PlaylistWrite): (uri: string) => boolean {
    if (needs !== undefined) {
      const uris = new Set(needs.names().map((each) => relativeUri(name, each)))
      return (uri) => uris.has(uri)
    }
    return (uri) => {
      const stored = resolveUri(uri, name, app, []).name
      return stored !== null && this.#isMissing(storeKey(app, stored))
    }
  }

  /** Waits until something is so, or `ms`; not for long when little time is left. */
  async #sleep(ms: number, until: Promise<void> = new Promise(() => {})): Promise<void> {
    if (this.#isClosed) return
    let wake = () => {}
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    this.#sleepers.add(wake)
    const most = this.#isHurried ? Math.min(ms, STORE_RETRY_MIN_MS) : ms
    await atMost(this.#parts.host.clock, most, Promise.race([until, woken]))
    this.#sleepers.delete(wake)
  }

  #noteWritten(key: string): void {
    this.stored(key)
    this.#written.delete(key)
    this.#written.add(key)
    const [oldest] = this.#written
    if (this.#written.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#written.delete(oldest)
  }
}

function newWrite(key: string, app: string, name: string, read: ReadServed): PlaylistWrite {
  const needs = new Needs()
  return { key, app, name, read, mayWrite: undefined, needs, isBehind: false, reduced: undefined, isRunning: false }
}
