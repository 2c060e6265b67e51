import { readArchive } from '../archive/archive.ts'
import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { keys } from '../records.ts'
import type { RunPlaylists } from '../run-playlists.ts'
import { type CutRecordingParts, cutRecording, emptyRuns } from './cut-recording.ts'
import type { Expired } from './expired.ts'
import type { Leaving } from './leaving.ts'
import { namedFiles, sharedNames } from './named-files.ts'
import { type OpenEntriesParts, openEntries } from './open-entries.ts'
import type { RecordedPlaylist } from './recorded-playlist.ts'
import type { RecordedSizes } from './recorded-sizes.ts'
import type { Removals } from './removals.ts'
import { areUnshown, type ShownList, type ShownListsParts, shownLists, type Unshown } from './shown-lists.ts'
import { slices } from './slices.ts'

/** What removes the oldest entries of a recording. */
export interface ExpiredEntriesParts extends CutRecordingParts, ShownListsParts, OpenEntriesParts {
  readonly removals: Removals
  readonly leaving: Leaving
  readonly runs: RunPlaylists
  readonly sizes: RecordedSizes
}

/** The oldest entries of a recording, which are to go with what only they lead to. */
export class ExpiredEntries implements Expired, Unshown {
  unshownSince: number | undefined
  unstoredSince: number | undefined
  readonly #parts: ExpiredEntriesParts
  readonly #playlist: RecordedPlaylist
  /** No upload that began later goes. */
  readonly #id: string
  /** The uploads that the entries are bound to, and the numbers of those that are bound to none. */
  readonly #uploads = new Set<string>()
  readonly #holes = new Set<number>()
  /** The stored names that they lead to, and nothing that stays. */
  #files: ReadonlySet<string> = new Set()

  private constructor(parts: ExpiredEntriesParts, playlist: RecordedPlaylist) {
    this.#parts = parts
    this.#playlist = playlist
    this.#id = parts.host.nextId()
  }

  /** The entries of a playlist that are marked to go. */
  static async of(parts: ExpiredEntriesParts, playlist: RecordedPlaylist): Promise<ExpiredEntries> {
    const expired = new ExpiredEntries(parts, playlist)
    await expired.#read()
    return expired
  }

  stop(): void {}

  /** Waits as long as a list shows one of them, and until viewers have left that. */
  async remove(isWanted: () => boolean): Promise<boolean> {
    const { leaving, removals } = this.#parts
    const { app } = this.#playlist
    // Playlists that are just being removed are known no more, and may still lead there in the store.
    if (removals.hasTexts(app)) return false
    const lists = await this.#lists(this.#files)
    const isShown = lists.some(({ names }) => [...this.#files].some((each) => names.has(each)))
    if (!areUnshown(this.#parts, app, this, { isShown, lists })) return false
    // From here on nobody is led to them who was not before.
    leaving.add(app, this.#files)
    let going: ReadonlySet<string> = new Set()
    try {
      const files = await this.#unneeded(this.#files)
      if (isWanted() && (await this.#cut(files))) going = files
    } finally {
      leaving.delete(
        app,
        [...this.#files].filter((each) => !going.has(each)),
      )
    }
    await this.#forgetEmptyRuns()
    return true
  }

  async #read(): Promise<void> {
    const { host, journal } = this.#parts
    const { app, name, to } = this.#playlist
    const named = new Set<string>()
    for await (const slice of slices(host.clock, readArchive(journal, app, name))) {
      for (const entry of slice) {
        if (entry.number >= to) break
        if (entry.segment === undefined) this.#holes.add(entry.number)
        else this.#uploads.add(entry.segment.id)
        this.#name(named, entry)
      }
      if ((slice.at(-1)?.number ?? to) >= to) break
    }
    // What came late, or was never named, is bound to them when the recording is read.
    for (const entry of openEntries(this.#parts, app, name)) if (entry.number < to) this.#name(named, entry)
    this.#files = await this.#unneeded(named)
  }

  #name(named: Set<string>, entry: ArchivedEntry): void {
    if (entry.segment !== undefined) named.add(entry.segment.stored)
    for (const stored of sharedNames(entry, this.#playlist.name)) named.add(stored)
  }

  #lists(files: ReadonlySet<string>): Promise<ShownList[]> {
    return shownLists(this.#parts, this.#playlist.app, [this.#playlist.stream], files)
  }

  /** Without what is still needed: by what stays of the recording, and by others. */
  async #unneeded(files: ReadonlySet<string>): Promise<Set<string>> {
    const { host, journal } = this.#parts
    const { app, name, to } = this.#playlist
    const left = new Set(files)
    for (const list of await this.#lists(files)) {
      const start = list.name === name ? to : undefined
      for await (const slice of slices(host.clock, namedFiles(journal, app, list.name, list.record, start))) {
        for (const stored of slice) left.delete(stored)
      }
    }
    return left
  }

  /** Resolves with false where the playlist is gone. */
  async #cut(files: ReadonlySet<string>): Promise<boolean> {
    const { journal, removals, runs, sizes } = this.#parts
    const { app, name, stream, to } = this.#playlist
    const noted = removals.noteFiles({ app, stream, files, texts: [], cut: [name] }, this.#id)
    const used = [...files].map((each) => keys.use(app, each, name)).filter((key) => journal.get(key) !== undefined)
    const again = await cutRecording(this.#parts, this.#playlist, {
      isGone: (entry) => entry.number < to && this.#isMeant(entry),
      below: to,
      writes: [...noted.writes, ...used.map((key) => ({ key, value: null }))],
    })
    if (again === undefined) return false
    noted.begin()
    sizes.forget(app, name)
    for (const run of again) runs.store(app, run)
    return true
  }

  /** What came meanwhile, or took the place of another, is of the next time. */
  #isMeant({ number, segment }: ArchivedEntry): boolean {
    return segment === undefined ? this.#holes.has(number) : this.#uploads.has(segment.id)
  }

  async #forgetEmptyRuns(): Promise<void> {
    const { journal, removals } = this.#parts
    const { app, name, stream } = this.#playlist
    const empty = emptyRuns(journal, this.#playlist)
    if (empty.length === 0) return
    const writes = empty.map((run) => ({ key: keys.run(app, name, run.number), value: null }))
    await removals.beginFiles({ app, stream, files: new Set(), texts: empty.map((run) => run.name), cut: [] }, writes)
  }
}
