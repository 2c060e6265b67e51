import { runNamed, runsOf } from './archive/runs.ts'
import { RUN_RETRY_MS } from './limits.ts'
import type { Host, Journal } from './ports.ts'
import type { Recordings } from './recordings.ts'
import { keys, toText } from './records.ts'
import type { StoreWriter } from './storing/store-writer.ts'

/** What brings the playlists of runs into the store. */
export interface RunPlaylistsParts {
  readonly host: Host
  readonly journal: Journal
  readonly recordings: Recordings
  readonly writer: StoreWriter
}

interface Run {
  readonly app: string
  readonly name: string
}

const NOTHING = new Uint8Array(0)
const END = '#EXT-X-ENDLIST'

/** Brings a run that is over into the store, as a VOD playlist of its own name: the live list there shows its end alone. */
export class RunPlaylists {
  readonly #parts: RunPlaylistsParts
  /** Runs that wait for their turn, by `APP/NAME`. */
  readonly #waiting = new Map<string, Run>()
  #working: Promise<void> = Promise.resolve()
  #storing: Promise<void> = Promise.resolve()
  #current: string | undefined
  #isWorking = false
  #isStopped = false
  #cancel: () => void = () => {}

  constructor(parts: RunPlaylistsParts) {
    this.#parts = parts
  }

  /** A playlist has ended, or what had ended changed: its newest run goes into the store, unless that has no name of its own. */
  storeNewest(app: string, name: string): void {
    const run = this.#parts.recordings.runs(app, name)?.at(-1)
    if (run !== undefined && run.name !== name) this.store(app, run.name)
  }

  /** A playlist began another run: the one before is over, whether its encoder said so or not. */
  storePrevious(app: string, name: string): void {
    const run = this.#parts.recordings.runs(app, name)?.at(-2)
    if (run !== undefined && run.name !== name) this.store(app, run.name)
  }

  /** The run of this name goes into the store. */
  store(app: string, name: string): void {
    this.#waiting.set(`${app}/${name}`, { app, name })
    this.#begin()
  }

  /** A playlist is served no more: nothing of its runs goes to the store from when this resolves. */
  async forget(app: string, name: string): Promise<void> {
    for (const run of this.namesOf(app, name)) this.#waiting.delete(`${app}/${run}`)
    await this.#storing
  }

  /** Whether a run is still to be brought to the store writer. */
  isWaiting(app: string, name: string): boolean {
    const key = `${app}/${name}`
    return this.#waiting.has(key) || this.#current === key
  }

  /** The names of a playlist's runs. */
  namesOf(app: string, name: string): string[] {
    return runsOf(this.#parts.journal, app, name).map((run) => run.name)
  }

  /** Begins no run any more, and resolves when none is on its way to the writer; the rest goes on at the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel()
    await this.#working
  }

  #begin(): void {
    if (this.#isStopped || this.#isWorking) return
    this.#cancel()
    this.#isWorking = true
    this.#working = this.#work()
  }

  /** One by one, and none while the store is down: texts that wait for it would fill the memory. */
  async #work(): Promise<void> {
    const { host, writer } = this.#parts
    const failed: Run[] = []
    for (const [key, run] of this.#waiting) {
      if (this.#isStopped || writer.isStoreDown) break
      this.#waiting.delete(key)
      this.#storing = this.#store(run).catch((cause: unknown) => {
        host.log.error('run not stored', { ...run, cause })
        failed.push(run)
      })
      this.#current = key
      await this.#storing
      this.#current = undefined
    }
    for (const run of failed) this.#waiting.set(`${run.app}/${run.name}`, run)
    // At once, not when the promise is done: what comes between would begin nothing.
    this.#isWorking = false
    if (this.#waiting.size > 0 && !this.#isStopped) this.#cancel = host.clock.after(RUN_RETRY_MS, () => this.#begin())
  }

  async #store({ app, name }: Run): Promise<void> {
    const { journal, recordings, writer } = this.#parts
    const served = await recordings.servedRun(app, name)
    // A run that has just begun is the newest one, and has not ended.
    if (served === undefined || !toText(served.bytes.subarray(-2 * END.length)).includes(END)) return
    await journal.commit([{ key: keys.unstoredPlaylist(app, name, served.version), value: NOTHING }])
    // It may be removed before it is written.
    const read = () => (runNamed(journal, app, name) === undefined ? undefined : served)
    writer.storePlaylist(app, name, { stage: 'ended', read })
  }
}
