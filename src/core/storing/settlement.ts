import { SETTLE_INTERVAL_MS } from '../limits.ts'
import type { ObjectStore } from '../object-store.ts'
import type { BodyFiles, Host, Journal, JournalWrite } from '../ports.ts'
import { keys, type StoredObject, storedMark, versionOfMark } from '../records.ts'

/** A body that the store has: in the journal, or a file of its own. */
export type StoredBodyMark = Pick<StoredObject, 'id' | 'inline'>

/** What was put into the store between two settlings. */
interface Generation {
  readonly objects: StoredBodyMark[]
  /** Version by journal key. */
  readonly playlists: Map<string, number>
  /** Journal keys of playlists of which there was none before. */
  readonly newPlaylists: string[]
}

const NOTHING = new Uint8Array(0)

const emptyGeneration = (): Generation => ({ objects: [], playlists: new Map(), newPlaylists: [] })

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
  /** What is being settled. */
  #settling = emptyGeneration()
  /** Ids of bodies that the store has for good, to be removed at the next settling. */
  #leaving: string[] = []
  #settled: Promise<void> = Promise.resolve()
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

  /**
   * An object was put. Resolves when the next life will know, too, where the store keeps what it takes: only then may playlists in
   * the store name it, since that life takes back no entry.
   */
  async addObject(app: string, object: StoredObject): Promise<void> {
    this.#fresh.objects.push(object)
    if (this.#store.capabilities.durablePut) await this.#note(keys.unstored(object.id), storedMark(app, object.stored))
  }

  /** An object was put by an earlier life, which noted that. */
  addNoted(body: StoredBodyMark): void {
    this.#fresh.objects.push(body)
  }

  /** A playlist was put that was never put before, reduced or whole. Resolves as with an object. */
  async addNewPlaylist(app: string, name: string): Promise<void> {
    const key = keys.written(app, name)
    if (this.#store.capabilities.durablePut) await this.#note(key, NOTHING)
    else this.#fresh.newPlaylists.push(key)
  }

  /** A version of a playlist was put. */
  addPlaylist(app: string, name: string, version: number): void {
    this.#fresh.playlists.set(keys.unstoredPlaylist(app, name, ''), version)
  }

  /** A playlist is not in the store any more. */
  forgetPlaylist(app: string, name: string): void {
    const written = keys.written(app, name)
    for (const { playlists, newPlaylists } of [this.#fresh, this.#resting, this.#settling]) {
      playlists.delete(keys.unstoredPlaylist(app, name, ''))
      const at = newPlaylists.indexOf(written)
      if (at >= 0) newPlaylists.splice(at, 1)
    }
  }

  /** Settles what lay in the store at the last call already; never rejects, what fails is tried again at the next. */
  settle(): Promise<void> {
    // One after the other: the last one of a life must not end before an earlier one has.
    this.#settled = this.#settled.then(() => this.#settle())
    return this.#settled
  }

  async #settle(): Promise<void> {
    const resting = this.#resting
    this.#settling = resting
    this.#resting = this.#fresh
    this.#fresh = emptyGeneration()
    const count = resting.objects.length + resting.playlists.size + resting.newPlaylists.length
    if (count + this.#leaving.length === 0) return
    try {
      await this.#store.flush()
      await this.#journal.commit([
        ...resting.objects.flatMap((object) => this.#settledObject(object)),
        ...this.#settledPlaylists(resting.playlists),
        ...resting.newPlaylists.map((key) => ({ key, value: NOTHING })),
      ])
      // Whoever found a body here a moment ago may still open it.
      const leaving = this.#leaving
      this.#leaving = resting.objects.filter(({ inline }) => !inline).map(({ id }) => id)
      await this.#files.remove(leaving)
    } catch (cause) {
      this.#host.log.error('store not settled', { cause })
      this.#resting = {
        objects: [...resting.objects, ...this.#resting.objects],
        playlists: new Map([...resting.playlists, ...this.#resting.playlists]),
        newPlaylists: [...resting.newPlaylists, ...this.#resting.newPlaylists],
      }
    }
  }

  async #note(key: string, value: Uint8Array): Promise<void> {
    await this.#journal.commit([{ key, value }]).catch((cause: unknown) => {
      this.#host.log.error('store not noted', { key, cause })
    })
  }

  /** An object itself is not written: another body may take its place at this moment. */
  #settledObject({ id, inline }: StoredBodyMark): JournalWrite[] {
    const crossedOff = { key: keys.unstored(id), value: null }
    if (!inline || !this.#store.capabilities.durablePut) return [crossedOff]
    return [crossedOff, { key: keys.body(id), value: null }]
  }

  #settledPlaylists(written: ReadonlyMap<string, number>): JournalWrite[] {
    return [...written].flatMap(([prefix, version]) =>
      [...this.#journal.entries(prefix)]
        .filter(([key]) => versionOfMark(key) <= version)
        .map(([key]) => ({ key, value: null })),
    )
  }
}
