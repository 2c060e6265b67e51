import { runNamed, runsOf } from './archive/runs.ts'
import { MAX_GROWING_RUNS, MAX_PLAYLIST_STATES, RECORDING_GROWTH, RUN_GROWTH_ENTRIES, RUN_RETRY_MS } from './limits.ts'
import type { ServedPlaylist } from './playlist-text.ts'
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
  /** Up to which number it is to be stored, while it goes on; undefined: it is over. */
  readonly end: number | undefined
}

const NOTHING = new Uint8Array(0)
const END = '#EXT-X-ENDLIST'
/** Before all that are served: marks that a run is to be stored which did not change its playlist. */
const CUT_VERSION = 0

/**
 * Brings runs into the store, under their own names: the live list there shows its end alone. One that is over as a VOD playlist,
 * one that goes on as an event each time that it has grown by RECORDING_GROWTH, so that a segment costs the same all day.
 */
export class RunPlaylists {
  readonly #parts: RunPlaylistsParts
  /** Runs that wait for their turn, by `APP/NAME`. */
  readonly #waiting = new Map<string, Run>()
  /** With which number playlists that go on are due, those that were longest ago first. */
  readonly #dueAt = new Map<string, number>()
  /** Runs that go on, and are on their way to the store. */
  readonly #growing = new Map<string, Run>()
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
    this.#dueAt.delete(`${app}/${name}`)
    const run = this.#parts.recordings.runs(app, name)?.at(-2)
    if (run !== undefined && run.name !== name) this.store(app, run.name)
  }

  /** A playlist that slides went on: what has left it is in the store now and then. `end`: the first number that it still has. */
  grew(app: string, name: string, end: number): void {
    const { recordings, writer } = this.#parts
    const key = `${app}/${name}`
    const due = this.#dueAt.get(key)
    if (!writer.isPrompt || writer.isStoreDown || (due !== undefined && end < due)) return
    const run = recordings.newestRun(app, name)
    // One that its encoder dates is the live list itself.
    const isApart = run !== undefined && run.name !== name
    if (due !== undefined && isApart && !this.#hasTurn(run.name, app)) return
    const entries = end - (run?.number ?? 0)
    this.#dueAt.delete(key)
    this.#dueAt.set(key, end + Math.max(RUN_GROWTH_ENTRIES, entries * RECORDING_GROWTH))
    const [oldest] = this.#dueAt.keys()
    if (this.#dueAt.size > MAX_PLAYLIST_STATES && oldest !== undefined) this.#dueAt.delete(oldest)
    // What is seen for the first time, as all are after a start, waits until it grows; so does a run of which nothing has left the list.
    if (due !== undefined && isApart && entries > 0) this.#wait({ app, name: run.name, end })
  }

  /** Few texts of runs that go on may be on their way at once: they are long, and a live segment waits behind each. */
  #hasTurn(name: string, app: string): boolean {
    const { writer } = this.#parts
    for (const [key, run] of this.#growing) {
      if (!this.isWaiting(run.app, run.name) && writer.playlists.isWritten(run.app, run.name)) this.#growing.delete(key)
    }
    const key = `${app}/${name}`
    if (this.#growing.has(key) || this.#growing.size >= MAX_GROWING_RUNS) return false
    this.#growing.set(key, { app, name, end: undefined })
    return true
  }

  /** The run of this name goes into the store. */
  store(app: string, name: string): void {
    this.#wait({ app, name, end: undefined })
  }

  #wait(run: Run): void {
    this.#waiting.set(`${run.app}/${run.name}`, run)
    this.#begin()
  }

  /** A playlist is served no more: nothing of its runs goes to the store from when this resolves. */
  async forget(app: string, name: string): Promise<void> {
    this.#dueAt.delete(`${app}/${name}`)
    for (const run of this.namesOf(app, name)) this.#waiting.delete(`${app}/${run}`)
    await this.#storing
  }

  /** Whether the store has some of a run, or is about to get it. */
  mayBeThere(app: string, name: string): boolean {
    return this.isWaiting(app, name) || this.#parts.writer.playlists.mayBeThere(app, name)
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
    const stored = new Set<string>()
    for (const [key, run] of this.#waiting) {
      if (this.#isStopped || writer.isStoreDown) break
      this.#waiting.delete(key)
      this.#storing = this.#store(run).then(
        () => void stored.add(key),
        (cause: unknown) => {
          host.log.error('run not stored', { ...run, cause })
          failed.push(run)
        },
      )
      this.#current = key
      await this.#storing
      this.#current = undefined
    }
    for (const run of failed) {
      const key = `${run.app}/${run.name}`
      // What was asked for since is newer.
      if (!this.#waiting.has(key) && !stored.has(key)) this.#waiting.set(key, run)
    }
    // At once, not when the promise is done: what comes between would begin nothing.
    this.#isWorking = false
    if (this.#waiting.size > 0 && !this.#isStopped) this.#cancel = host.clock.after(RUN_RETRY_MS, () => this.#begin())
  }

  async #store({ app, name, end }: Run): Promise<void> {
    const { journal, recordings, writer } = this.#parts
    const served = await recordings.servedRun(app, name, end)
    if (served === undefined) return
    // A run that has just begun is the newest one, and has not ended.
    if (end === undefined && !hasEnded(served) && !this.#wasCut(app, name)) return
    await journal.commit([{ key: keys.unstoredPlaylist(app, name, served.version), value: NOTHING }])
    // It may be removed before it is written.
    const read = () => (runNamed(journal, app, name) === undefined ? undefined : served)
    writer.storePlaylist(app, name, { stage: 'ended', read })
  }

  /** Whether something was taken out of a run that the store has some of: it must not lead there any more. */
  #wasCut(app: string, name: string): boolean {
    const { journal, writer } = this.#parts
    const isMarked = journal.get(keys.unstoredPlaylist(app, name, CUT_VERSION)) !== undefined
    return isMarked && writer.playlists.mayBeThere(app, name)
  }
}

function hasEnded({ bytes }: ServedPlaylist): boolean {
  return toText(bytes.subarray(-2 * END.length)).includes(END)
}
