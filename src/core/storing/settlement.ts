import { SETTLE_INTERVAL_MS } from '../limits.ts'
import type { ObjectStore } from '../object-store.ts'
import type { BodyFiles, Host, Journal, JournalWrite } from '../ports.ts'
import { isReplaced, jsonWrite, keys, type StoredObject, versionOfMark } from '../records.ts'

/** What was put into the store between two settlings. */
interface Generation {
  readonly objects: { app: string; object: StoredObject }[]
  /** Version by journal key. */
  readonly playlists: Map<string, number>
}

const emptyGeneration = (): Generation => ({ objects: [], playlists: new Map() })

/**
 * Crosses off what the store has for good, and frees the bytes kept for it. It looks away for one interval first: by then a
 * disk's own write-back has passed over small files, which are put without a sync.
 */
export class Settlement {
  readonly #host: Host
  readonly #journal: Journal
  readonly #files: BodyFiles
  readonly #store: ObjectStore
  /** What was put since the last settling, and what was put before that. */
  #fresh = emptyGeneration()
  #resting = emptyGeneration()
  /** Ids of bodies that the store has for good, to be removed at the next settling. */
  #leaving: string[] = []
  #cancel: () => void = () => {}

  constructor(host: Host, journal: Journal, files: BodyFiles, store: ObjectStore) {
    this.#host = host
    this.#journal = journal
    this.#files = files
    this.#store = store
  }

  /** Settles every SETTLE_INTERVAL_MS from now on, until stopped. */
  start(): void {
    this.#cancel = this.#host.clock.after(SETTLE_INTERVAL_MS, () => {
      this.start()
      void this.settle()
    })
  }

  stop(): void {
    this.#cancel()
  }

  /** An object was put. */
  addObject(app: string, object: StoredObject): void {
    this.#fresh.objects.push({ app, object })
  }

  /** A version of a playlist was put. */
  addPlaylist(app: string, name: string, version: number): void {
    this.#fresh.playlists.set(keys.unstoredPlaylist(app, name, ''), version)
  }

  /** Settles what lay in the store at the last call already; never rejects, what fails is tried again at the next. */
  async settle(): Promise<void> {
    const resting = this.#resting
    this.#resting = this.#fresh
    this.#fresh = emptyGeneration()
    if (resting.objects.length + resting.playlists.size + this.#leaving.length === 0) return
    try {
      await this.#store.flush()
      await this.#journal.commit([
        ...resting.objects.flatMap(({ app, object }) => this.#settledObject(app, object)),
        ...this.#settledPlaylists(resting.playlists),
      ])
      // Whoever found a body here a moment ago may still open it.
      const leaving = this.#leaving
      this.#leaving = resting.objects.filter(({ object }) => !object.inline).map(({ object }) => object.id)
      await this.#files.remove(leaving)
    } catch (cause) {
      this.#host.log.error('store not settled', { cause })
      this.#resting = {
        objects: [...resting.objects, ...this.#resting.objects],
        playlists: new Map([...resting.playlists, ...this.#resting.playlists]),
      }
    }
  }

  #settledObject(app: string, object: StoredObject): JournalWrite[] {
    const crossedOff = { key: keys.unstored(object.id), value: null }
    if (!object.inline || !this.#store.capabilities.durablePut) return [crossedOff]
    if (isReplaced(this.#journal, app, object)) return [crossedOff]
    const elsewhere = jsonWrite(keys.object(app, object.stored), { ...object, inline: false })
    return [crossedOff, elsewhere, { key: keys.body(object.id), value: null }]
  }

  #settledPlaylists(written: ReadonlyMap<string, number>): JournalWrite[] {
    return [...written].flatMap(([prefix, version]) =>
      [...this.#journal.entries(prefix)]
        .filter(([key]) => versionOfMark(key) <= version)
        .map(([key]) => ({ key, value: null })),
    )
  }
}
