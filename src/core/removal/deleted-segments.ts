import { hasPassed } from '../elapsed.ts'
import { fileKind } from '../file-kind.ts'
import { DELETED_TARGET_DURATIONS, REMOVAL_RETRY_MS } from '../limits.ts'
import type { MediaRecord, PlaylistRecord } from '../playlist-record.ts'
import type { Host } from '../ports.ts'
import { keys } from '../records.ts'
import type { RunPlaylists } from '../run-playlists.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { type CutRecordingParts, cutRecording, emptyRuns } from './cut-recording.ts'
import type { DeletedFile, DeletedFiles } from './deleted-files.ts'
import type { Leaving } from './leaving.ts'
import { namedFiles } from './named-files.ts'
import { playlistsOf } from './other-playlists.ts'
import type { Removals } from './removals.ts'
import { type ShownFiles, shownFiles } from './shown-files.ts'
import { pause, slices } from './slices.ts'

/** What removes segments that their encoder has deleted. */
export interface DeletedSegmentsParts extends CutRecordingParts {
  readonly host: Host
  readonly deleted: DeletedFiles
  readonly removals: Removals
  readonly leaving: Leaving
  readonly runs: RunPlaylists
  record(app: string, name: string): PlaylistRecord | undefined
  /** Whether the store has what is served of a playlist, or what was served at some moment since `at`, in ms since the epoch. */
  isWritten(app: string, name: string, at?: number): boolean
}

/** A playlist that may lead to deleted files. */
interface Shown extends ShownFiles {
  readonly name: string
  readonly record: MediaRecord
}

/** Removes segments, init sections and keys that their encoder has deleted, once they have left every list for as long as it plays. */
export class DeletedSegments {
  readonly #parts: DeletedSegmentsParts

  constructor(parts: DeletedSegmentsParts) {
    this.#parts = parts
  }

  /** Does what it is time for with files of a stream, given with its folder. */
  async look(app: string, stream: string, files: readonly DeletedFile[]): Promise<void> {
    const { deleted, removals } = this.#parts
    const gone = files.filter((file) => deleted.stored(file).length === 0)
    await deleted.forget(gone)
    // Playlists that are just being removed are known no more, and may still lead there in the store.
    if (removals.hasTexts(app)) return
    const left = files.filter((file) => !gone.includes(file))
    const lists = this.#lists(app, stream, left)
    const windowMs = Math.max(0, ...lists.map(keepMs))
    const due = left.filter((file) => this.#isDue(file, lists, windowMs))
    const unneeded = await this.#unneeded(app, due, lists)
    if (unneeded.length > 0) await this.#remove(app, stream, unneeded, lists)
  }

  /** The playlists of a stream, also those that lead to a folder below, and others that are known to lead to its files. */
  #lists(app: string, stream: string, files: readonly DeletedFile[]): Shown[] {
    const { journal, deleted, record } = this.#parts
    const names = new Set(namesakes(stream).flatMap((each) => playlistsOf(journal, app, each)))
    for (const stored of files.flatMap((file) => deleted.stored(file))) {
      const prefix = keys.uses(app, stored)
      for (const [key] of journal.entries(prefix)) names.add(key.slice(prefix.length))
    }
    return [...names].flatMap((name) => {
      const found = record(app, name)
      return found?.kind === 'media' ? [{ name, record: found, ...shownFiles(found, name) }] : []
    })
  }

  /** Whether no list has shown a file for long enough, here and in the store. */
  #isDue(file: DeletedFile, lists: readonly Shown[], windowMs: number): boolean {
    const { host, deleted, isWritten } = this.#parts
    const now = host.clock.now()
    const stored = deleted.stored(file)
    const isShown = lists.some(({ names, isLonger }) => isLonger || stored.some((each) => names.has(each)))
    file.unshownSince = isShown ? undefined : (file.unshownSince ?? now)
    const since = file.unshownSince
    const isStored = since === undefined || !lists.every(({ name }) => isWritten(file.app, name, since))
    file.unstoredSince = isStored ? undefined : (file.unstoredSince ?? now)
    return file.unstoredSince !== undefined && hasPassed(file.unstoredSince, windowMs, now)
  }

  /** Without init sections and keys that a recording still needs. */
  async #unneeded(app: string, due: readonly DeletedFile[], lists: readonly Shown[]): Promise<DeletedFile[]> {
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

  async #remove(app: string, stream: string, files: readonly DeletedFile[], lists: readonly Shown[]): Promise<void> {
    const { host, journal, leaving, deleted, removals } = this.#parts
    const stored = new Set(files.flatMap((file) => deleted.stored(file)))
    // What has left the recording must not pass for a file that no list ever named.
    leaving.add(app, stored)
    try {
      for (const { name } of lists) await this.#cut({ app, name }, stored)
      while (removals.hasTexts(app)) await pause(host.clock, REMOVAL_RETRY_MS)
      const empty = lists.flatMap(({ name }) => emptyRuns(journal, { app, name }).map((run) => ({ of: name, run })))
      // Until then it is known which lists have to be cut, also after a restart.
      const used = lists.flatMap(({ name }) => [...stored].map((each) => keys.use(app, each, name)))
      const over = [...empty.map(({ of, run }) => keys.run(app, of, run.number)), ...used]
      const writes = over.filter((key) => journal.get(key) !== undefined).map((key) => ({ key, value: null }))
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
    for (const run of await cutRecording(this.#parts, at, stored)) runs.store(at.app, run)
    for (const run of runs.namesOf(at.app, at.name)) {
      while (runs.isWaiting(at.app, run) || !isWritten(at.app, run)) await pause(host.clock, REMOVAL_RETRY_MS)
    }
  }
}

/** A stream, given with its folder, and those of the same name in the folders above. */
function namesakes(stream: string): string[] {
  const folders = folderOf(stream).split('/').slice(0, -1)
  return [...folders, ''].map(
    (_, depth) =>
      folders
        .slice(0, depth)
        .map((folder) => `${folder}/`)
        .join('') + baseName(stream),
  )
}

/** How long a file is kept after it has left a list, in ms. */
function keepMs({ windowMs, record }: Shown): number {
  return Math.max(windowMs, DELETED_TARGET_DURATIONS * record.timeline.targetDuration * 1_000)
}
