import { fileKind } from '../file-kind.ts'
import { REMOVAL_RETRY_MS } from '../limits.ts'
import { keys } from '../records.ts'
import type { RunPlaylists } from '../run-playlists.ts'
import { type CutRecordingParts, cutRecording, emptyRuns, entriesOf } from './cut-recording.ts'
import type { DeletedFile, DeletedFiles } from './deleted-files.ts'
import type { Leaving } from './leaving.ts'
import { namedFiles } from './named-files.ts'
import type { Removals } from './removals.ts'
import { areUnshown, type ShownList, type ShownListsParts, shownLists } from './shown-lists.ts'
import { pause, slices } from './slices.ts'

/** What removes segments that their encoder has deleted. */
export interface DeletedSegmentsParts extends CutRecordingParts, ShownListsParts {
  readonly deleted: DeletedFiles
  readonly removals: Removals
  readonly leaving: Leaving
  readonly runs: RunPlaylists
}

/** Removes segments, init sections and keys that their encoder has deleted, once they have left every list for as long as it plays. */
export class DeletedSegments {
  readonly #parts: DeletedSegmentsParts

  constructor(parts: DeletedSegmentsParts) {
    this.#parts = parts
  }

  /** Does what it is time for with files of a stream, given with its folder. */
  async look(app: string, stream: string, files: readonly DeletedFile[]): Promise<void> {
    const { deleted } = this.#parts
    const gone = files.filter((file) => deleted.stored(file).length === 0)
    await deleted.forget(gone)
    const left = files.filter((file) => !gone.includes(file))
    const stored = left.flatMap((file) => deleted.stored(file))
    const lists = shownLists(this.#parts, app, stream, stored)
    const due = left.filter((file) => this.#isDue(file, lists))
    const unneeded = await this.#unneeded(app, due, lists)
    if (unneeded.length > 0) await this.#remove(app, stream, unneeded, lists)
  }

  #isDue(file: DeletedFile, lists: readonly ShownList[]): boolean {
    const stored = this.#parts.deleted.stored(file)
    const isShown = lists.some(({ names, isLonger }) => isLonger || stored.some((each) => names.has(each)))
    return areUnshown(this.#parts, file.app, file, { isShown, lists })
  }

  /** Without init sections and keys that a recording still needs. */
  async #unneeded(app: string, due: readonly DeletedFile[], lists: readonly ShownList[]): Promise<DeletedFile[]> {
    const { host, journal, deleted } = this.#parts
    const shared = due.filter(({ name }) => fileKind(name) !== 'segment')
    if (shared.length === 0) return [...due]
    const needed = new Set<string>()
    for (const { name, record } of lists) {
      for await (const slice of slices(host.clock, namedFiles(journal, app, name, record))) {
        for (const stored of slice) needed.add(stored)
      }
    }
    const isNeeded = (file: DeletedFile) =>
      shared.includes(file) && deleted.stored(file).some((each) => needed.has(each))
    return due.filter((file) => !isNeeded(file))
  }

  async #remove(
    app: string,
    stream: string,
    files: readonly DeletedFile[],
    lists: readonly ShownList[],
  ): Promise<void> {
    const { journal, leaving, deleted, removals } = this.#parts
    const stored = new Set(files.flatMap((file) => deleted.stored(file)))
    // What has left the recording must not pass for a file that no list ever named.
    leaving.add(app, stored)
    try {
      for (const { name } of lists) await this.#cut({ app, name }, stored)
      const empty = lists.flatMap(({ name }) => emptyRuns(journal, { app, name }).map((run) => ({ of: name, run })))
      const writes = empty.map(({ of, run }) => ({ key: keys.run(app, of, run.number), value: null }))
      const texts = empty.map(({ run }) => run.name)
      await removals.beginFiles({ app, stream, files: stored, texts }, [...writes, ...deleted.done(files)])
    } catch (error) {
      leaving.delete(app, stored)
      throw error
    }
  }

  /** Takes files out of a recording, here and in the store. */
  async #cut(at: { readonly app: string; readonly name: string }, stored: ReadonlySet<string>): Promise<void> {
    const { host, runs, isWritten } = this.#parts
    for (const run of await cutRecording(this.#parts, at, entriesOf(stored))) runs.store(at.app, run)
    for (const run of runs.namesOf(at.app, at.name)) {
      while (runs.isWaiting(at.app, run) || !isWritten(at.app, run)) await pause(host.clock, REMOVAL_RETRY_MS)
    }
  }
}
