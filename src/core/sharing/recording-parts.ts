import { PART_KEEP_MS, PART_QUIET_MS, RECORDING_GROWTH } from '../limits.ts'
import { mayBelongTo, parseName } from '../names.ts'
import type { Host, Journal } from '../ports.ts'
import type { Recordings } from '../recordings.ts'
import { keys } from '../records.ts'
import type { StoreWriter } from '../storing/store-writer.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { partName, partOf } from './shared-files.ts'
import type { Sharing } from './sharing.ts'

/** What brings the parts of recordings into the store. */
export interface RecordingPartsParts {
  readonly host: Host
  readonly journal: Journal
  readonly recordings: Recordings
  readonly writer: StoreWriter
  readonly sharing: Sharing
}

/** A playlist whose parts are written now and then. */
interface Watched {
  readonly app: string
  readonly name: string
  /** Hash of each part's text that was given to the store. */
  readonly given: Map<string, string>
  /** Publications since the last writing, and those before it. */
  news: number
  all: number
  /** Whether it is looked at again. */
  isAwaited: boolean
  cancel: () => void
  giving: Promise<void>
}

const NOTHING = new Uint8Array(0)

/**
 * Brings what this receiver recorded of each playlist into a shared store, so that whoever has the playlist next can put the
 * whole recording together: when it has grown by RECORDING_GROWTH, when it is quiet, and when it is somebody else's.
 */
export class RecordingParts {
  readonly #parts: RecordingPartsParts
  readonly #watched = new Map<string, Watched>()
  /** Those that are not looked at again unless something comes, by their folder. */
  readonly #quiet = new Map<string, Set<Watched>>()

  constructor(parts: RecordingPartsParts) {
    this.#parts = parts
  }

  /** A media playlist was published. */
  published(app: string, name: string): void {
    if (!this.#parts.sharing.isShared) return
    const watched = this.#watch(app, name)
    watched.news++
    if (watched.news > watched.all * RECORDING_GROWTH) this.#give(watched, false)
    this.#lookLater(watched)
  }

  /** A file came, which no playlist may ever name. */
  arrived(app: string, name: string): void {
    for (const watched of [...(this.#quiet.get(folderKey(app, name)) ?? [])]) {
      if (mayBelongTo(baseName(name), parseName(baseName(watched.name)).stream)) this.#lookLater(watched)
    }
  }

  /** Writes what has changed of a playlist that is quiet, or another receiver's; `name` may be that of a part. */
  store(app: string, name: string): void {
    const watched = this.#watch(app, partOf(name)?.of ?? name)
    this.#give(watched, true)
    if (!watched.isAwaited) this.#forgetLater(watched)
  }

  /** Looks at no playlist again; resolves when the store is told of what is recorded until now. */
  async stop(): Promise<void> {
    for (const watched of this.#watched.values()) {
      watched.cancel()
      if (watched.isAwaited) this.#give(watched, true)
    }
    await Promise.all([...this.#watched.values()].map(({ giving }) => giving))
  }

  #watch(app: string, name: string): Watched {
    const key = keys.holding(app, name)
    const watched = this.#watched.get(key) ?? {
      app,
      name,
      given: new Map(),
      news: 0,
      all: 0,
      isAwaited: false,
      cancel: () => {},
      giving: Promise.resolve(),
    }
    this.#watched.set(key, watched)
    return watched
  }

  #lookLater(watched: Watched): void {
    watched.cancel()
    watched.isAwaited = true
    this.#leaveQuiet(watched)
    watched.cancel = this.#parts.host.clock.after(PART_QUIET_MS, () => {
      watched.isAwaited = false
      this.store(watched.app, watched.name)
    })
  }

  #forgetLater(watched: Watched): void {
    watched.cancel()
    const key = folderKey(watched.app, watched.name)
    this.#quiet.set(key, (this.#quiet.get(key) ?? new Set()).add(watched))
    watched.cancel = this.#parts.host.clock.after(PART_KEEP_MS, () => {
      this.#leaveQuiet(watched)
      this.#watched.delete(keys.holding(watched.app, watched.name))
    })
  }

  #leaveQuiet(watched: Watched): void {
    const key = folderKey(watched.app, watched.name)
    const quiet = this.#quiet.get(key)
    quiet?.delete(watched)
    if (quiet?.size === 0) this.#quiet.delete(key)
  }

  #give(watched: Watched, isQuiet: boolean): void {
    const { app, name } = watched
    // Texts that wait for the store would fill the memory.
    if (this.#parts.writer.isStoreDown) {
      this.#lookLater(watched)
      return
    }
    watched.all += watched.news
    watched.news = 0
    const giving = watched.giving.then(() => this.#giveParts(watched, isQuiet))
    watched.giving = giving.catch((cause: unknown) => {
      this.#parts.host.log.error('recording not shared', { app, name, cause })
    })
  }

  async #giveParts({ app, name, given }: Watched, isQuiet: boolean): Promise<void> {
    const { host, journal, recordings, writer, sharing } = this.#parts
    for (const { ordinal, from, end } of sharing.terms(app, name)) {
      const part = partName(name, ordinal)
      const served = await recordings.part(app, name, { number: from, end, isOver: isQuiet || end !== undefined })
      if (served === undefined) continue
      const digest = host.createDigest()
      digest.update(served.bytes)
      const hash = digest.hex()
      if (given.get(part) === hash) continue
      given.set(part, hash)
      await journal.commit([{ key: keys.unstoredPlaylist(app, part, served.version), value: NOTHING }])
      writer.storePlaylist(app, part, { stage: 'ended', read: () => served })
    }
  }
}

function folderKey(app: string, name: string): string {
  return `${app}/${folderOf(name)}`
}
