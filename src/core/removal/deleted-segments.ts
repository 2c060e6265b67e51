import { fileKind } from '../file-kind.ts'
import type { Needs } from '../follower.ts'
import { keys } from '../records.ts'
import type { RunPlaylists } from '../run-playlists.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { type CutRecordingParts, cutRecording, emptyRuns, entriesOf } from './cut-recording.ts'
import type { DeletedFile, DeletedFiles } from './deleted-files.ts'
import type { DeletionRules } from './deletion-rule.ts'
import type { FilesOfStreams } from './folder-streams.ts'
import type { Leaving } from './leaving.ts'
import { namedFiles } from './named-files.ts'
import type { RecordedSizes } from './recorded-sizes.ts'
import type { Removals } from './removals.ts'
import { areUnshown, type ShownList, type ShownListsParts, shownLists } from './shown-lists.ts'
import { slices } from './slices.ts'
import { isCalledAfter } from './uses.ts'

/** What removes segments that their encoder has deleted. */
export interface DeletedSegmentsParts extends CutRecordingParts, ShownListsParts {
  readonly deleted: DeletedFiles
  readonly removals: Removals
  readonly leaving: Leaving
  readonly runs: RunPlaylists
  readonly rules: DeletionRules
  readonly sizes: RecordedSizes
  readonly needs: Needs
}

/**
 * Removes segments, init sections and keys that their encoder has deleted, once they have left every list for as long as it plays, and
 * no file is to be made of them any more.
 */
export class DeletedSegments {
  readonly #parts: DeletedSegmentsParts

  constructor(parts: DeletedSegmentsParts) {
    this.#parts = parts
  }

  /** Does what it is time for with files of some streams. */
  async look({ app, stream, streams, files }: FilesOfStreams<DeletedFile>): Promise<void> {
    const { host, deleted, removals } = this.#parts
    // Playlists that are just being removed are known no more, and may still lead there in the store.
    if (removals.hasTexts(app)) return
    const stored = new Map(files.map((file) => [file, deleted.stored(file)]))
    const lists = await shownLists(
      this.#parts,
      app,
      [...streams, stream].flatMap(namesakes),
      [...stored.values()].flat(),
    )
    const gone: DeletedFile[] = []
    const due: DeletedFile[] = []
    for await (const slice of slices(host.clock, stored)) {
      for (const [file, names] of slice) {
        if (names.length === 0 || this.#isArchived(file, names, lists)) gone.push(file)
        else if (this.#isDue(file, names, lists)) due.push(file)
      }
    }
    await deleted.forget(gone)
    const unneeded = this.#untaken(app, await this.#unneeded(app, due, lists), lists)
    if (unneeded.length > 0) await this.#remove(app, stream, unneeded, lists)
  }

  /** Whether a playlist may lead to a file of which nothing goes. */
  #isArchived({ app, name }: DeletedFile, stored: readonly string[], lists: readonly ShownList[]): boolean {
    const { rules } = this.#parts
    return lists.some((list) => !rules.isMirror(app, list.name) && this.#mayLead(app, list.name, name, stored))
  }

  #mayLead(app: string, list: string, name: string, stored: readonly string[]): boolean {
    const { journal } = this.#parts
    return isCalledAfter(name, list) || stored.some((each) => journal.get(keys.use(app, each, list)) !== undefined)
  }

  /** Without what files are still to be made of. */
  #untaken(app: string, due: readonly DeletedFile[], lists: readonly ShownList[]): readonly DeletedFile[] {
    const { deleted, needs } = this.#parts
    const taken = lists.filter(({ name }) => needs.neededFrom(app, name) < Number.POSITIVE_INFINITY)
    if (taken.length === 0) return due
    return due.filter((file) => !taken.some((list) => this.#mayLead(app, list.name, file.name, deleted.stored(file))))
  }

  #isDue(file: DeletedFile, stored: readonly string[], lists: readonly ShownList[]): boolean {
    const isShown = lists.some(({ names, isLonger }) => isLonger || stored.some((each) => names.has(each)))
    return areUnshown(this.#parts, file.app, file, { isShown, lists })
  }

  /** Without init sections and keys that a recording still needs. */
  async #unneeded(app: string, due: readonly DeletedFile[], lists: readonly ShownList[]): Promise<DeletedFile[]> {
    const { host, journal, deleted } = this.#parts
    const shared = new Set(due.filter(({ name }) => fileKind(name) !== 'segment'))
    if (shared.size === 0) return [...due]
    const needed = new Set<string>()
    for (const { name, record } of lists) {
      for await (const slice of slices(host.clock, namedFiles(journal, app, name, record))) {
        for (const stored of slice) needed.add(stored)
      }
    }
    const isNeeded = (file: DeletedFile) => shared.has(file) && deleted.stored(file).some((each) => needed.has(each))
    return due.filter((file) => !isNeeded(file))
  }

  async #remove(
    app: string,
    stream: string,
    files: readonly DeletedFile[],
    lists: readonly ShownList[],
  ): Promise<void> {
    const { journal, leaving, deleted, removals, runs, sizes } = this.#parts
    const stored = new Set(files.flatMap((file) => deleted.stored(file)))
    // What has left the recording must not pass for a file that no list ever named.
    leaving.add(app, stored)
    try {
      for (const { name } of lists) {
        const again = await cutRecording(this.#parts, { app, name }, entriesOf(stored))
        for (const run of again ?? []) runs.store(app, run)
        sizes.forget(app, name)
      }
      const empty = lists.flatMap(({ name }) => emptyRuns(journal, { app, name }).map((run) => ({ of: name, run })))
      // Until then it is known which lists have to be cut, also after a restart.
      const used = lists.flatMap(({ name }) => [...stored].map((each) => keys.use(app, each, name)))
      const over = [...empty.map(({ of, run }) => keys.run(app, of, run.number)), ...used]
      const writes = over.filter((key) => journal.get(key) !== undefined).map((key) => ({ key, value: null }))
      const texts = empty.map(({ run }) => run.name)
      const cut = lists.map(({ name }) => name)
      await removals.beginFiles({ app, stream, files: stored, texts, cut }, [...writes, ...deleted.doneWrites(files)])
      deleted.settle(files)
    } catch (error) {
      leaving.delete(app, stored)
      throw error
    }
  }
}

/** A stream, given with its folder, and those of the same name in the folders above: their playlists may lead to what is below. */
function namesakes(stream: string): string[] {
  const folders = folderOf(stream).split('/').slice(0, -1)
  const above = ['', ...folders].map((_, depth) =>
    folders
      .slice(0, depth)
      .map((folder) => `${folder}/`)
      .join(''),
  )
  return above.map((folder) => folder + baseName(stream))
}
