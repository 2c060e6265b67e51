import { atMost } from './at-most.ts'
import { type Catalog, contentOf } from './catalog.ts'
import { contentTypeOf } from './file-kind.ts'
import {
  MAX_STORE_QUEUE,
  MAX_STORE_WRITES,
  PLAYLIST_WRITE_INTERVAL_MS,
  STORE_GATHER_MS,
  STORE_RETRY_MAX_MS,
  STORE_RETRY_MIN_MS,
} from './limits.ts'
import type { ObjectStore, PutOptions } from './object-store.ts'
import type { BodyFiles, Host, Journal } from './ports.ts'
import { isReplaced, keys, type StoredObject, splitApp, toText } from './records.ts'
import { Settlement } from './settlement.ts'

/** The store's key of what is served as `/APP/streams/NAME`. */
export function storeKey(app: string, stored: string): string {
  return `${app}/streams/${stored}`
}

/** A playlist's newest served text. */
export type ReadServed = () => { readonly bytes: Uint8Array; readonly version: number } | undefined

interface PlaylistWrite {
  readonly app: string
  readonly name: string
  readonly read: ReadServed
  /** Store keys that must be there before the next write; undefined when the store has the newest text. */
  needs: Set<string> | undefined
  isRunning: boolean
  isWritten: boolean
  /** Resolves with the first write: until then the store may have no version of it. */
  readonly written: Promise<void>
  readonly onWritten: () => void
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
  /** Ends the waiting for objects whose body still arrives, by store key. */
  readonly #announced = new Map<string, () => void>()
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
    const announced = this.#announced.get(key)
    // What it replaces may still be on its way.
    const before = announced === undefined ? this.#pending.get(key) : undefined
    const done = announced ?? this.#announce(key)
    this.#announced.delete(key)
    this.#gathered.push(() => void this.#put(app, object, key, before).then(done))
    if (this.#gathered.length === 1) this.#host.clock.after(STORE_GATHER_MS, () => this.#startGathered())
  }

  /** Takes note of an object whose body still arrives: playlists that name it are not written before it. */
  announce(app: string, object: StoredObject): void {
    const key = storeKey(app, object.stored)
    if (!this.#pending.has(key)) this.#announced.set(key, this.#announce(key))
  }

  #announce(key: string): () => void {
    let finish = () => {}
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    this.#pending.set(key, done)
    void done.then(() => {
      if (this.#pending.get(key) === done) this.#pending.delete(key)
    })
    return finish
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

  /**
   * Writes a playlist once all it names is in the store: not each text, and at most one per PLAYLIST_WRITE_INTERVAL_MS.
   */
  storePlaylist(app: string, name: string, names: readonly string[], read: ReadServed): void {
    const key = storeKey(app, name)
    const write = this.#playlists.get(key) ?? newWrite(app, name, read)
    this.#playlists.set(key, write)
    write.needs ??= new Set()
    for (const stored of names) {
      const needed = storeKey(app, stored)
      if (this.#pending.has(needed) || this.#playlists.has(needed)) write.needs.add(needed)
    }
    if (write.isRunning) return
    const writing = this.#writePlaylist(write, key).catch((cause: unknown) => {
      write.isRunning = false
      this.#host.log.error('playlist not stored', { key, cause })
    })
    this.#writing.add(writing)
    void writing.finally(() => this.#writing.delete(writing))
  }

  /** Waits until the store has everything, at most `ms`; what is left stays in the journal. */
  async close(ms: number): Promise<void> {
    this.#isClosing = true
    for (const wake of [...this.#sleepers]) wake()
    this.#startGathered()
    await atMost(this.#host.clock, ms, this.#idle())
    this.#isClosed = true
    this.#settlement.stop()
    await this.#settlement.settle()
  }

  #startGathered(): void {
    for (const start of this.#gathered.splice(0)) start()
  }

  async #put(app: string, object: StoredObject, key: string, before: Promise<void> | undefined): Promise<void> {
    if (before !== undefined) await before
    const isLeft = () => isReplaced(this.#journal, app, object)
    if (isLeft()) return this.#settlement.addObject(app, object)
    const content = object.inline ? await this.#catalog.content(object) : this.#files.at(object.id, object.size)
    if (content === null) {
      this.#host.log.error('accepted body is not here', { key, id: object.id })
      return
    }
    const put = async () => {
      if (!isLeft()) await this.#store.put(key, content, putOptions(object))
    }
    await this.#untilDone(key, () => this.#inTurn(put))
    if (!this.#isClosed) this.#settlement.addObject(app, object)
  }

  async #writePlaylist(write: PlaylistWrite, key: string): Promise<void> {
    write.isRunning = true
    while (write.needs !== undefined && !this.#isClosed) {
      const served = await this.#nextText(write)
      if (served === undefined) break
      const options = { contentType: contentTypeOf(write.name), cacheControl: 'no-cache' }
      await this.#untilDone(key, () => this.#store.put(key, contentOf(served.bytes), options))
      write.onWritten()
      this.#settlement.addPlaylist(write.app, write.name, served.version)
      await this.#pause(PLAYLIST_WRITE_INTERVAL_MS)
    }
    write.isRunning = false
    if (write.needs === undefined) this.#playlists.delete(key)
  }

  /**
   * The text of now as soon as all it names is in the store, or one that was published meanwhile if that is so for it too:
   * where a file takes longer to store than to come, the newest text always names one that is not there yet.
   */
  async #nextText(write: PlaylistWrite): Promise<ReturnType<ReadServed>> {
    const text = write.read()
    const missing = this.#missing(write)
    write.needs = undefined
    await Promise.all(missing)
    if (write.needs === undefined || this.#missing(write).length > 0) return text
    write.needs = undefined
    return write.read()
  }

  #missing({ needs }: PlaylistWrite): Promise<void>[] {
    return [...(needs ?? [])].flatMap((key) => this.#pending.get(key) ?? this.#unwritten(key))
  }

  #unwritten(key: string): Promise<void>[] {
    const write = this.#playlists.get(key)
    return write === undefined || write.isWritten ? [] : [write.written]
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

function newWrite(app: string, name: string, read: ReadServed): PlaylistWrite {
  let resolveWritten = () => {}
  const written = new Promise<void>((resolve) => {
    resolveWritten = resolve
  })
  const write: PlaylistWrite = {
    app,
    name,
    read,
    needs: undefined,
    isRunning: false,
    isWritten: false,
    written,
    onWritten() {
      write.isWritten = true
      resolveWritten()
    },
  }
  return write
}

/** How a stored object is to be put. */
function putOptions({ stored, isReplaceable }: StoredObject): PutOptions {
  const cacheControl = isReplaceable === true ? 'no-cache' : 'public, max-age=31536000, immutable'
  return { contentType: contentTypeOf(stored), cacheControl }
}
