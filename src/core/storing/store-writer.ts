import { atMost } from '../at-most.ts'
import type { Catalog } from '../catalog.ts'
import type { ArrivingBody } from '../custody.ts'
import { ReceiverError } from '../errors.ts'
import { STORE_GATHER_MS } from '../limits.ts'
import type { ObjectStore } from '../object-store.ts'
import type { NamedObjects } from '../playlist-commit.ts'
import type { BodyContent, BodyFiles, Host, Journal } from '../ports.ts'
import { isGone, keys, readUnstored, type StoredObject } from '../records.ts'
import { EarlyUploads } from './early-uploads.ts'
import { HeldPlaylists } from './held-playlists.ts'
import { HeldUploads } from './held-uploads.ts'
import type { PlaylistToStore } from './playlist-to-store.ts'
import { PlaylistWriter } from './playlist-writer.ts'
import { putOptions } from './put-options.ts'
import { Recovery } from './recovery.ts'
import { Settlement } from './settlement.ts'
import { Spool, type SpoolState } from './spool.ts'
import { storeKey } from './store-key.ts'
import { StoreQueue } from './store-queue.ts'
import { StoreRemovals } from './store-removals.ts'
import type { StoringRules } from './storing-rules.ts'
import { UploadLags } from './upload-lags.ts'

/** What a store writer is made of. */
export interface StoreWriterParts {
  readonly host: Host
  readonly journal: Journal
  readonly catalog: Catalog
  readonly files: BodyFiles
  readonly store: ObjectStore
  readonly rules: StoringRules
}

/** Brings accepted objects and served playlists into the store, tried again until done, a playlist after what it names. */
export class StoreWriter {
  readonly removals: StoreRemovals
  readonly #parts: StoreWriterParts
  readonly #settlement: Settlement
  readonly #queue: StoreQueue
  readonly #spool: Spool
  readonly #playlists: PlaylistWriter
  readonly #lags: UploadLags
  /** What the store lacks, by store key: resolves when it has it, or what took its place. */
  readonly #pending = new Map<string, Promise<void>>()
  /** What the store will never get, since its body is gone: playlists there show a hole. */
  readonly #lost = new Set<string>()
  /** Ends the waiting for objects whose body still arrives, by store key. */
  readonly #announced = new Map<string, () => void>()
  readonly #early: EarlyUploads
  #gathered: (() => void)[] = []
  readonly #held: HeldUploads
  readonly #heldPlaylists: HeldPlaylists
  readonly #recovery = new Recovery()
  /** What the store refuses for what it is: a stop waits for none of it. */
  readonly #setAside = new Set<string>()
  /** What was accepted before tells nothing of how quick the store is now. */
  #startedAt = 0

  constructor(parts: StoreWriterParts) {
    const { host, journal, files, store, rules } = parts
    this.#parts = parts
    this.#settlement = new Settlement(host, journal, files, store)
    this.#queue = new StoreQueue(host)
    this.#spool = new Spool(host, rules.spool)
    this.#lags = new UploadLags(host.meter)
    this.#early = new EarlyUploads(host, files, store)
    this.#held = new HeldUploads(host, rules.quietMs)
    this.#heldPlaylists = new HeldPlaylists(host.clock, this.#held)
    this.#playlists = new PlaylistWriter({
      ...parts,
      queue: this.#queue,
      settlement: this.#settlement,
      isMissing: (key) => this.#pending.has(key) || this.#heldPlaylists.has(key) || this.#lost.has(key),
      isLost: (key) => this.#lost.has(key),
      leaving: (key) => this.removals.leaving(key),
      whenRecovered: (wake) => this.#recovery.whenOver(wake),
    })
    this.removals = new StoreRemovals({
      store,
      playlists: this.#playlists,
      settlement: this.#settlement,
      held: this.#held,
      pending: (key) => this.#pending.get(key),
    })
  }

  /** Takes up what was not known to be stored when the receiver stopped, and begins to settle regularly. */
  recover(): void {
    const { host, journal, catalog } = this.#parts
    this.#startedAt = host.clock.now()
    for (const [key, value] of [...journal.entries(keys.unstored(''))]) {
      const { app, stored, isStored } = readUnstored(value)
      const object = catalog.object(app, stored)
      const isNewest = object !== undefined && key === keys.unstored(object.id)
      if (isStored)
        this.#settlement.addNoted({ id: key.slice(keys.unstored('').length), inline: isNewest && object.inline })
      else if (isNewest) this.store(app, object)
    }
    this.#recovery.begin([...this.#pending.values()])
    this.#settlement.start()
    if (this.#parts.rules.when === 'ended') this.#held.start()
  }

  /** Whether the store has what is served of a playlist, or what was served at some moment since `at`, in ms since the epoch. */
  isWritten(app: string, name: string, at?: number): boolean {
    return this.#playlists.isWritten(app, name, at)
  }

  /** Whether so many bytes more may wait for the store. */
  hasRoomFor(bytes: number): boolean {
    return this.#spool.hasRoomFor(bytes)
  }

  /** What waits for the store. */
  get spooled(): SpoolState {
    return this.#spool.state
  }

  /** Whether the store does not answer. */
  get isStoreDown(): boolean {
    return this.#queue.isDown
  }

  /** Whether what is accepted goes into the store at once, and not when its stream has ended. */
  get isPrompt(): boolean {
    return this.#parts.rules.when === 'live'
  }

  /** Puts an accepted object into the store; a disk gets those together that come within STORE_GATHER_MS. */
  store(app: string, object: StoredObject): void {
    const key = storeKey(app, object.stored)
    const announced = this.#announced.get(key)
    // What it replaces may still be on its way.
    const before = announced === undefined ? this.#pending.get(key) : undefined
    const done = announced ?? this.#announce(key)
    this.#announced.delete(key)
    this.#lost.delete(key)
    const { acceptedAt, size: bytes } = object
    const begin = () => void this.#put(app, object, key, before).then((isOver) => isOver && done())
    if (this.#parts.rules.when === 'live') {
      this.#spool.add(key, { bytes, acceptedAt })
      this.#begin(begin)
    } else this.#hold(app, object, begin)
  }

  /** What waits for the end of its stream ages from then on. */
  #hold(app: string, { stored, size: bytes, acceptedAt }: StoredObject, begin: () => void): void {
    const key = storeKey(app, stored)
    this.#spool.add(key, { bytes, acceptedAt: undefined })
    const beginAging = () => {
      this.#spool.add(key, { bytes, acceptedAt: this.#parts.host.clock.now() })
      begin()
    }
    this.#held.hold(app, stored, { acceptedAt, begin: beginAging })
  }

  #begin(begin: () => void): void {
    if (this.#parts.store.capabilities.durablePut) {
      begin()
      return
    }
    this.#gathered.push(begin)
    if (this.#gathered.length === 1) this.#parts.host.clock.after(STORE_GATHER_MS, () => this.#beginGathered())
  }

  /** Takes note of a body that arrives: a large one goes to the store before it is whole, under the name that `reserve` gives. */
  watch(app: string, body: ArrivingBody, reserve: () => string | undefined): void {
    this.#early.watch(body, () => {
      const { rules } = this.#parts
      if (rules.when === 'ended' || this.isStoreDown) return undefined
      const stored = reserve()
      if (stored === undefined) return undefined
      return { key: storeKey(app, stored), options: putOptions({ id: body.id, stored }, rules) }
    })
  }

  /** A body arrives no more: what of it was not stored as an object is given up. */
  ended(id: string): void {
    this.#early.end(id)
  }

  /** Takes note of an object whose body still arrives: playlists that name it are not written before it. */
  announce(app: string, object: StoredObject): void {
    const key = storeKey(app, object.stored)
    if (!this.#pending.has(key)) this.#announced.set(key, this.#announce(key))
  }

  /** Writes a playlist, after what it names; what takes too long stands as holes. */
  storePlaylist(app: string, name: string, { names, stage, read, mayWrite }: PlaylistToStore): void {
    for (const [stored, seconds] of names ?? []) {
      const key = storeKey(app, stored)
      if (seconds !== undefined) this.#lags.named(key, seconds, this.#pending.has(key))
    }
    const write = (known: NamedObjects | undefined) =>
      this.#playlists.write(app, name, known && [...known.keys()], read, mayWrite)
    if (this.#parts.rules.when === 'live' || stage === 'multivariant') write(names)
    // A multivariant one leads in the store to those that have ended.
    else this.#heldPlaylists.hold(app, name, stage === 'ended', () => write(undefined))
  }

  /** Waits until the store has everything, at most `ms`; what is left stays in the journal. */
  async close(ms: number): Promise<void> {
    this.#beginGathered()
    this.#queue.hurry()
    this.#playlists.hurry()
    await atMost(this.#parts.host.clock, ms, this.#idle())
    this.#queue.close()
    this.#playlists.close()
    this.#settlement.stop()
    this.#held.stop()
    await this.#settlement.settle()
  }

  #announce(key: string): () => void {
    let finish = () => {}
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    this.#pending.set(key, done)
    void done.then(() => {
      if (this.#pending.get(key) !== done) return
      this.#pending.delete(key)
      this.#setAside.delete(key)
      this.#spool.delete(key)
      if (this.#lost.has(key)) this.#playlists.lost(key)
      else this.#playlists.stored(key)
    })
    return finish
  }

  #beginGathered(): void {
    for (const begin of this.#gathered.splice(0)) begin()
  }

  /** Resolves with false where the writer was closed before it came to an end. */
  async #put(app: string, object: StoredObject, key: string, before: Promise<void> | undefined): Promise<boolean> {
    const { host, journal, store, catalog } = this.#parts
    let early = this.#early.adopt(key, object)
    await before
    let isLost = false
    const run = async () => {
      // What goes there early must be there before it can be removed.
      const isThere = (await early) === true
      early = undefined
      if (isGone(journal, app, object) || this.removals.isGone(key)) return false
      if (isThere) {
        this.#noteStored(key, object)
        return true
      }
      const options = putOptions(object, this.#parts.rules)
      try {
        await store.put(key, await this.#contentOf(object), options)
      } catch (error) {
        // Asked only now: to look for each body costs as much as to link it.
        isLost = (await catalog.content(object)) === null
        if (isLost) return false
        throw error
      }
      this.#noteStored(key, object)
      return true
    }
    const onSetAside = () => {
      this.#setAside.add(key)
      this.#spool.setAside(key)
    }
    const isDone = await this.#queue.run({ key, kind: 'object', acceptedAt: object.acceptedAt, run, onSetAside })
    if (isLost) {
      host.log.error('accepted body is not here', { key, id: object.id })
      this.#lost.add(key)
    } else if (isDone) await this.#settlement.addObject(app, object)
    return isDone
  }

  async #contentOf(object: StoredObject): Promise<BodyContent> {
    const { catalog, files } = this.#parts
    const content = object.inline ? await catalog.content(object) : files.at(object.id, object.size)
    if (content === null) throw new ReceiverError('internal-error', 'A body is missing.')
    return content
  }

  #noteStored(key: string, { acceptedAt, size }: StoredObject): void {
    const { meter, clock } = this.#parts.host
    const isLive = this.#parts.rules.when === 'live' && acceptedAt >= this.#startedAt
    if (isLive) this.#lags.stored(key, clock.now() - acceptedAt)
    meter.count('stored')
    meter.count('storedBytes', size)
  }

  async #idle(): Promise<void> {
    // What is held goes on at the next start.
    if (this.#parts.rules.when === 'ended') return
    const awaited = () => [...this.#pending].flatMap(([key, done]) => (this.#setAside.has(key) ? [] : [done]))
    for (let each = awaited(); each.length > 0; each = awaited()) await Promise.all(each)
    await this.#playlists.idle()
  }
}
