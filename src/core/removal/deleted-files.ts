import { type Placing, sharesKey } from '../catalog.ts'
import { MAX_DELETED_FILES } from '../limits.ts'
import type { Host, Journal, JournalWrite } from '../ports.ts'
import { type Acceptance, jsonWrite, keys, readJson, splitAppKey } from '../records.ts'
import type { Unshown } from './shown-lists.ts'

/** A DELETE as the journal keeps it: what came under its name before this id is meant. */
interface DeletedNote {
  readonly id: string
  /** The key that it came with. */
  readonly owner: string
}

/** A file that its encoder has deleted, and that may still be needed. */
export interface DeletedFile extends DeletedNote, Unshown {
  readonly app: string
  /** The encoder name. */
  readonly name: string
  /** When it was deleted, or the receiver started, in ms since the epoch. */
  readonly at: number
}

/** What the files are read from. */
export interface DeletedFilesParts {
  readonly host: Host
  readonly journal: Journal
  /** Every upload under an encoder name. */
  acceptances(app: string, name: string): readonly Acceptance[]
}

/** The files that encoders have deleted, and that wait until nobody needs them: remembered over a restart, at most MAX_DELETED_FILES. */
export class DeletedFiles {
  readonly #parts: DeletedFilesParts
  /** By journal key. */
  readonly #files = new Map<string, DeletedFile>()

  constructor(parts: DeletedFilesParts) {
    this.#parts = parts
  }

  /** Takes note of a DELETE; resolves when it is durable. Nothing for a name under which nothing came. */
  async add({ app, name, owner }: Placing): Promise<void> {
    const { host, journal } = this.#parts
    const key = keys.deleted(app, name)
    const isKnown = journal.get(keys.playlist(app, name)) !== undefined
    const file = newFile(app, name, { id: host.nextId(), owner }, host.clock.now())
    if (!isKnown && this.stored(file).length === 0) return
    if (this.#files.size >= MAX_DELETED_FILES && !this.#files.has(key)) {
      host.log.warn('deleted file stays: too many wait', { app, name })
      return
    }
    this.#files.set(key, file)
    await journal.commit([jsonWrite(key, { id: file.id, owner })])
  }

  /** Takes up those that waited when the receiver stopped. */
  recover(): void {
    for (const [key] of [...this.#parts.journal.entries('D/')]) {
      const { app, name } = splitAppKey(key)
      const note = readJson<DeletedNote>(this.#parts.journal, key)
      if (note !== undefined) this.#files.set(key, newFile(app, name, note, this.#parts.host.clock.now()))
    }
  }

  get isEmpty(): boolean {
    return this.#files.size === 0
  }

  /** All that wait. */
  all(): DeletedFile[] {
    return [...this.#files.values()]
  }

  /** The stored names of what is meant: not of what came again since. */
  stored({ app, name, id, owner }: DeletedFile): string[] {
    const uploads = this.#parts.acceptances(app, name)
    const again = new Set(uploads.filter((upload) => upload.id > id).map(({ stored }) => stored))
    const meant = uploads.filter((upload) => upload.id <= id && sharesKey(upload.owner ?? '', owner))
    return [...new Set(meant.map(({ stored }) => stored))].filter((stored) => !again.has(stored))
  }

  /** The file of an encoder name, where it was deleted. */
  find(app: string, name: string): DeletedFile | undefined {
    return this.#files.get(keys.deleted(app, name))
  }

  /** Files wait no more. */
  async forget(files: readonly DeletedFile[]): Promise<void> {
    const writes = this.doneWrites(files)
    if (writes.length > 0) await this.#parts.journal.commit(writes)
    this.settle(files)
  }

  /** What is written when files wait no more; `settle` them when it is done, or may be. */
  doneWrites(files: readonly DeletedFile[]): JournalWrite[] {
    return files
      .filter((file) => this.#isWaiting(file))
      .map(({ app, name }) => ({ key: keys.deleted(app, name), value: null }))
  }

  /** Files wait no more, unless that could not be written. */
  settle(files: readonly DeletedFile[]): void {
    for (const file of files) {
      const key = keys.deleted(file.app, file.name)
      if (this.#isWaiting(file) && this.#parts.journal.get(key) === undefined) this.#files.delete(key)
    }
  }

  /** One that was deleted again meanwhile waits for that. */
  #isWaiting(file: DeletedFile): boolean {
    return this.#files.get(keys.deleted(file.app, file.name)) === file
  }
}

function newFile(app: string, name: string, note: DeletedNote, at: number): DeletedFile {
  return { app, name, ...note, at, unshownSince: undefined, unstoredSince: undefined }
}
