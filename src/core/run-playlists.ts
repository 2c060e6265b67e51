import type { Journal, Log } from './ports.ts'
import type { Recordings } from './recordings.ts'
import { keys, toText } from './records.ts'
import type { StoreWriter } from './storing/store-writer.ts'

/** What brings the playlists of runs into the store. */
export interface RunPlaylistsParts {
  readonly journal: Journal
  readonly log: Log
  readonly recordings: Recordings
  readonly writer: StoreWriter
}

const NOTHING = new Uint8Array(0)
const END = '#EXT-X-ENDLIST'

/** Brings a run that has ended into the store, as a VOD playlist of its own name: the live list there shows its end alone. */
export class RunPlaylists {
  readonly #parts: RunPlaylistsParts

  constructor(parts: RunPlaylistsParts) {
    this.#parts = parts
  }

  /** A playlist has ended, or what had ended changed: its newest run goes into the store, unless that has no name of its own. */
  storeNewest(app: string, name: string): void {
    const run = this.#parts.recordings.runs(app, name)?.at(-1)
    if (run !== undefined && run.name !== name) this.store(app, run.name)
  }

  /** The run of this name goes into the store. */
  store(app: string, run: string): void {
    this.#store(app, run).catch((cause: unknown) => {
      this.#parts.log.error('run not stored', { app, name: run, cause })
    })
  }

  async #store(app: string, run: string): Promise<void> {
    const { journal, recordings, writer } = this.#parts
    const served = await recordings.servedRun(app, run)
    // A run that has just begun is the newest one, and has not ended.
    if (served === undefined || !toText(served.bytes.subarray(-2 * END.length)).includes(END)) return
    await journal.commit([{ key: keys.unstoredPlaylist(app, run, served.version), value: NOTHING }])
    writer.storePlaylist(app, run, undefined, () => served)
  }
}
