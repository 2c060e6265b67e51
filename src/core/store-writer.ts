import { type Catalog, contentOf, putOptions } from './catalog.ts'
import { contentTypeOf } from './file-kind.ts'
import {
  MAX_STORE_QUEUE,
  MAX_STORE_WRITES,
  PLAYLIST_WRITE_INTERVAL_MS,
  STORE_GATHER_MS,
  STORE_RETRY_MAX_MS,
  STORE_RETRY_MIN_MS,
} from './limits.ts'
import type { ObjectStore } from './object-store.ts'
import type { ServedPlaylist } from './playlist-states.ts'
import type { BodyFiles, Host, Journal } from './ports.ts'
import { keys, type StoredObject, splitApp, toText } from './records.ts'
import { Settlement } from './settlement.ts'

/** The store's key of what is served as `/APP/streams/NAME`. */
export function storeKey(app: string, stored: string): string {
  return `${app}/streams/${stored}`
}

interface PlaylistWrite {
  readonly app: string
  readonly name: string
  /** The newest text that is not in the store, if any. */
  next: { served: ServedPlaylist; needs: Set<string> } | undefined
  isRunning: boolean
}

/** Brings accepted objects and served playlists into the store, tried again until done, a playlist after what it names. */
export class StoreWriter {
  readonly #host: Host
  readonly #journal: Journal
  readonly #catalog: Catalog
  readonly #files: BodyFiles
  readonly #store: ObjectStore
  readonly #settlement: Settlement
  /** What the store lacks, by store key. */
  readonly #pending = new Map<string, Promise<void>>()
  readonly #playlists = new Map<string, PlaylistWrite>()
  readonly #queue: (() => void)[] = []
  #gathered: (() => void)[] = []
  #running = 0
  readonly #writing = new Set<Promise<void>>()
  /** Wake those that pause. */
  readonly #sleepers = new Set<() => void>()
  #isClosing = false
  #isClosed = false

  constructor(host: Host, journal: Journal, catalog: Catalog, files: BodyFiles, store: ObjectStore) {
    this.#host = host
    this.#journal = journal
    this.#catalog = catalog
    this.#files = files
    this.#store = store
    this.#settlement = new Settlement(host, journal, files, store)
  }

  /** Takes up what was not known to be stored when the receiver stopped, and begins to settle regularly. */
  recover(): void {
    for (const [key, value] of [...this.#journal.entries('u/')]) {
      const { app, name } = splitApp(toText(value))
      const object = this.#catalog.object(app, name)
      if (object !== undefined && key === keys.unstored(object.id)) this.store(app, object)
    }
    this.#settlement.start()
  }

  /** False when too much waits for the store to take more. */
  get hasRoom(): boolean {
    return this.#pending.size < MAX_STORE_QUEUE
  }

  /** Puts an accepted object into the store, together with those that come within STORE_GATHER_MS. */
  store(app: string, object: StoredObject): void {
    const key = storeKey(app, object.stored)
    const done = new Promise<void>((resolve) => {
      this.#gathered.push(() => void this.#put(app, object, key).then(resolve))
    })
    this.#pending.set(key, done)
    void done.then(() => this.#pending.delete(key))
    if (this.#gathered.length === 1) this.#host.clock.after(STORE_GATHER_MS, () => this.#startGathered())
  }

  /** How many objects the store lacks. */
  get length(): number {
    return this.#pending.size
  }

  /** Stored names of an app that the store lacks. */
  pendingOf(app: string): string[] {
    const prefix = storeKey(app, '')
    return [...this.#pending.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  }

  /** Writes a playlist once all it names is in the store: the newest only, at most one per PLAYLIST_WRITE_INTERVAL_MS. */
  storePlaylist(app: string, name: string, served: ServedPlaylist, fresh: readonly string[]): void {
    const key = storeKey(app, name)
    const write = this.#playlists.get(key) ?? { app, name, next: undefined, isRunning: false }
    this.#playlists.set(key, write)
    const needs = write.next?.needs ?? new Set<string>()
    for (const stored of fresh) needs.add(storeKey(app, stored))
    write.next = { served, needs }
    if (write.isRunning) return
    const writing = this.#writePlaylist(write, key)
    this.#writing.add(writing)
    void writing.finally(() => this.#writing.delete(writing))
  }

  /** Waits until the store has everything, at most `ms`; what is left stays in the journal. */
  async close(ms: number): Promise<void> {
    this.#isClosing = true
    for (const wake of [...this.#sleepers]) wake()
    this.#startGathered()
    let cancel = () => {}
    const timeout = new Promise<void>((resolve) => {
      cancel = this.#host.clock.after(ms, resolve)
    })
    await Promise.race([this.#idle(), timeout])
    cancel()
    this.#isClosed = true
    this.#settlement.stop()
    await this.#settlement.settle()
  }

  #startGathered(): void {
    for (const start of this.#gathered.splice(0)) start()
  }

  async #put(app: string, object: StoredObject, key: string): Promise<void> {
    const content = object.inline ? await this.#catalog.content(object) : this.#files.at(object.id, object.size)
    if (content === null) {
      this.#host.log.error('accepted body is not here', { key, id: object.id })
      return
    }
    await this.#untilDone(key, () => this.#inTurn(() => this.#store.put(key, content, putOptions(object.stored))))
    if (!this.#isClosed) this.#settlement.addObject(app, object)
  }

  async #writePlaylist(write: PlaylistWrite, key: string): Promise<void> {
    write.isRunning = true
    while (write.next !== undefined && !this.#isClosed) {
      const { served, needs } = write.next
      write.next = undefined
      await Promise.all([...needs].map((needed) => this.#pending.get(needed)))
      const options = { contentType: contentTypeOf(write.name), cacheControl: 'no-cache' }
      await this.#untilDone(key, () => this.#store.put(key, contentOf(served.bytes), options))
      this.#settlement.addPlaylist(write.app, write.name, served.version)
      await this.#pause(PLAYLIST_WRITE_INTERVAL_MS)
    }
    write.isRunning = false
    if (write.next === undefined) this.#playlists.delete(key)
  }

  /** Runs a store operation until it succeeds, pausing longer each time, or until the writer is closed. */
  async #untilDone(key: string, run: () => Promise<void>): Promise<void> {
    let pause = STORE_RETRY_MIN_MS
    while (!this.#isClosed) {
      try {
        return await run()
      } catch (cause) {
        this.#host.log.warn('store write failed', { key, pause, cause })
      }
      await this.#pause(pause)
      pause = Math.min(pause * 2, STORE_RETRY_MAX_MS)
    }
  }

  /** Waits; closing cuts it short, so that everything is tried once more. */
  async #pause(ms: number): Promise<void> {
    if (this.#isClosing) ms = Math.min(ms, STORE_RETRY_MIN_MS)
    await new Promise<void>((resolve) => {
      const cancel = this.#host.clock.after(ms, () => wake())
      const wake = () => {
        cancel()
        this.#sleepers.delete(wake)
        resolve()
      }
      this.#sleepers.add(wake)
    })
  }

  async #inTurn(run: () => Promise<void>): Promise<void> {
    while (this.#running >= MAX_STORE_WRITES) await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#running++
    try {
      await run()
    } finally {
      this.#running--
      this.#queue.shift()?.()
    }
  }

  async #idle(): Promise<void> {
    while (this.#pending.size + this.#writing.size > 0) {
      await Promise.all([...this.#pending.values(), ...this.#writing])
    }
  }
}
