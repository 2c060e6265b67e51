import { atMost } from '../at-most.ts'
import { contentOf } from '../catalog.ts'
import { contentTypeOf } from '../file-kind.ts'
import { STORE_PATIENCE_MS, STORE_RETRY_MIN_MS } from '../limits.ts'
import type { ObjectStore } from '../object-store.ts'
import type { Host, Journal } from '../ports.ts'
import { relativeUri, resolveUri } from '../uri.ts'
import type { MayWrite, ReadServed } from './playlist-to-store.ts'
import { newWrite, type PlaylistWrite } from './playlist-write.ts'
import { reducedPlaylist } from './reduced-playlist.ts'
import type { Settlement } from './settlement.ts'
import { storeKey } from './store-key.ts'
import type { StoreQueue } from './store-queue.ts'
import type { StoringRules } from './storing-rules.ts'
import { WrittenPlaylists } from './written-playlists.ts'

/** What the store may have of a playlist. */
interface Allowed {
  readonly bytes: Uint8Array
  readonly version: number
  /** The text, where it has holes or is cut. */
  readonly reduced: string | undefined
  /** Nothing that it lacks will come. */
  readonly isFinal: boolean
}

/** What the writer of playlists needs. */
export interface PlaylistWriterParts {
  readonly host: Host
  readonly journal: Journal
  readonly store: ObjectStore
  readonly queue: StoreQueue
  readonly settlement: Settlement
  readonly rules: StoringRules
  /** Whether the store lacks an object that was accepted, or a playlist that is held back. */
  isMissing(key: string): boolean
  /** Whether it will never get it. */
  isLost(key: string): boolean
  /** Resolves when an older playlist of the same key is removed; undefined: none is. */
  leaving(key: string): Promise<void> | undefined
  /** Calls `wake` when everything that the last life left was tried; what it returns takes that back. */
  whenRecovered(wake: () => void): () => void
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
  readonly #written: WrittenPlaylists
  /** Ends of pauses. */
  readonly #sleepers = new Set<() => void>()
  #isHurried = false
  #isClosed = false

  constructor(parts: PlaylistWriterParts) {
    this.#parts = parts
    this.#written = new WrittenPlaylists(parts.journal)
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
    this.#start(write)
  }

  #start(write: PlaylistWrite): void {
    write.hasNews = true
    if (write.isRunning) return
    const running = this.#run(write).catch((cause: unknown) => {
      write.isRunning = false
      this.#parts.host.log.error('playlist not stored', { key: write.key, cause })
    })
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** The store got an object. */
  stored(key: string): void {
    const needing = this.#needing.get(key) ?? []
    this.#needing.delete(key)
    for (const write of needing) {
      write.needs?.delete(key)
      write.awaited.delete(key)
      this.#start(write)
    }
  }

  /** The store will never get an object: it is awaited no more, and stays a hole. */
  lost(key: string): void {
    for (const write of this.#needing.get(key) ?? []) this.#start(write)
  }

  /** Whether the store has what is served of a playlist, or what was served at some moment since `at`, in ms since the epoch. */
  isWritten(app: string, name: string, at = Number.POSITIVE_INFINITY): boolean {
    const key = storeKey(app, name)
    return !this.#writes.has(key) || this.#written.at(app, name) >= at
  }

  /** Whether the store has some version of a playlist, or is about to get one. */
  mayBeThere(app: string, name: string): boolean {
    return this.#writes.has(storeKey(app, name)) || this.#written.has(app, name)
  }

  /** Forgets a playlist that is served no more; resolves when no attempt to write it runs. */
  async forget(app: string, name: string): Promise<void> {
    const key = storeKey(app, name)
    const write = this.#writes.get(key)
    this.#writes.delete(key)
    this.#written.delete(app, name)
    if (write === undefined) return
    write.read = () => undefined
    this.#start(write)
    await write.putting
    this.#written.delete(app, name)
  }

  /** Resolves when the store has of every text what it can have by now. */
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
    this.#await(write, key)
  }

  #await(write: PlaylistWrite, key: string): void {
    write.awaited.add(key)
    this.#needing.set(key, (this.#needing.get(key) ?? new Set()).add(write))
  }

  #needNoMore(write: PlaylistWrite, key: string): void {
    const needing = this.#needing.get(key)
    needing?.delete(write)
    if (needing?.size === 0) this.#needing.delete(key)
  }

  #isMissing(key: string): boolean {
    const write = this.#writes.get(key)
    if (this.#parts.isMissing(key)) return true
    // What the store has of one that is being removed is not what is to be written.
    return write !== undefined && (this.#parts.leaving(key) !== undefined || !this.#written.has(write.app, write.name))
  }

  async #run(write: PlaylistWrite): Promise<void> {
    write.isRunning = true
    while (write.hasNews && !this.#isClosed) {
      if (write.reduced === undefined) await this.#sleep(STORE_PATIENCE_MS, (wake) => this.#whenMet(write, wake))
      write.hasNews = false
      await this.#parts.leaving(write.key)
      if (this.#isClosed) break
      const putting = this.#put(write)
      // Whoever forgets the playlist waits for the attempt alone; how it ends is told here.
      write.putting = putting.catch(() => undefined)
      if (!(await putting)) break
      if (write.hasNews || !this.#isHurried) await this.#sleep(this.#parts.rules.playlistIntervalMs)
    }
    write.isRunning = false
    if (write.isBehind) return
    if (this.#writes.get(write.key) === write) this.#writes.delete(write.key)
    for (const key of write.awaited) this.#needNoMore(write, key)
  }

  /** Writes what the store may have by now; false when the writer was closed before. */
  async #put(write: PlaylistWrite): Promise<boolean> {
    const { queue, host, settlement } = this.#parts
    if (this.#isOld(write, this.#allowed(write))) return true
    let stored: Allowed | undefined
    let isDenied = false
    let readAt = 0
    const run = async () => {
      const allowed = this.#allowed(write)
      if (allowed === undefined || this.#isOld(write, allowed)) return false
      write.isBehind = false
      write.hasNews = false
      readAt = host.clock.now()
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
    if (stored.isFinal || isDenied) settlement.addPlaylist(write.app, write.name, stored.version)
    else write.isBehind = true
    await this.#noteWritten(write, readAt)
    return true
  }

  /** Whether there is nothing to write that the store has not got. */
  #isOld(write: PlaylistWrite, allowed: Allowed | undefined): boolean {
    if (write.read() === undefined) write.isBehind = false
    if (allowed === undefined) return true
    const isOld = allowed.reduced !== undefined && allowed.reduced === write.reduced
    if (isOld && allowed.isFinal) {
      write.isBehind = false
      this.#parts.settlement.addPlaylist(write.app, write.name, allowed.version)
    }
    return isOld
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
    if (write.needs?.isEmpty === true) return { bytes, version, reduced: undefined, isFinal: true }
    let isFinal = true
    const isMissing = this.#missingUris(write)
    const reduced = reducedPlaylist(new TextDecoder().decode(bytes), (uri) => {
      const key = isMissing(uri)
      if (key === undefined) return false
      if (!this.#parts.isLost(key)) isFinal = false
      this.#await(write, key)
      return true
    })
    if (reduced === undefined) return undefined
    if (reduced.isWhole) return { bytes, version, reduced: undefined, isFinal: true }
    return { bytes: new TextEncoder().encode(reduced.text), version, reduced: reduced.text, isFinal }
  }

  /** Gives the store key of a URI that the store lacks; undefined where it has it. */
  #missingUris({ app, name, needs }: PlaylistWrite): (uri: string) => string | undefined {
    if (needs !== undefined) {
      const missing = new Map(needs.names().map((each) => [relativeUri(name, each), storeKey(app, each)]))
      return (uri) => missing.get(uri)
    }
    return (uri) => {
      const stored = resolveUri(uri, name, app, []).name
      const key = stored === null ? undefined : storeKey(app, stored)
      return key !== undefined && this.#isMissing(key) ? key : undefined
    }
  }

  #whenMet({ needs }: PlaylistWrite, wake: () => void): () => void {
    if (needs === undefined) return this.#parts.whenRecovered(wake)
    needs.whenMet(wake)
    return () => {}
  }

  /** Waits `ms`, or until what `prepare` is given is called; not for long when little time is left. */
  async #sleep(ms: number, prepare: (wake: () => void) => () => void = () => () => {}): Promise<void> {
    if (this.#isClosed) return
    let wake = () => {}
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    this.#sleepers.add(wake)
    const takeBack = prepare(wake)
    const most = this.#isHurried ? Math.min(ms, STORE_RETRY_MIN_MS) : ms
    await atMost(this.#parts.host.clock, most, woken)
    takeBack()
    this.#sleepers.delete(wake)
  }

  /** The next life must know it before others name it. */
  async #noteWritten(write: PlaylistWrite, readAt: number): Promise<void> {
    const { key, app, name } = write
    if (!this.#written.has(app, name)) await this.#parts.settlement.addNewPlaylist(app, name)
    this.#written.add(app, name, readAt)
    this.stored(key)
  }
}
