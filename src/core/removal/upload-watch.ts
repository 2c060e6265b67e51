import { type Placing, sharesKey } from '../catalog.ts'
import { mayBelongTo } from '../names.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { nameKind } from './name-kind.ts'

/** The files that belong to a stream. */
export interface StreamFiles {
  readonly app: string
  /** With its folder. */
  readonly stream: string
  /** Streams of longer names, known by their playlists: what may be theirs is not ours. */
  readonly longer: readonly string[]
  /** What its playlists lead to and is not called after it: segments by what they are called but for their number, others by their names. */
  readonly kinds: ReadonlySet<string>
  /** The keys that its playlists came with. */
  readonly owners: readonly string[]
}

/** Whether an upload may be of a stream. */
export function isOfStream({ app, stream, longer, kinds, owners }: StreamFiles, at: Placing): boolean {
  const isAnothers = () => longer.some((other) => mayBelongTo(baseName(at.name), other))
  const isOwn = isNamedAfter(stream, at.name) ? !isAnothers() : kinds.has(at.name) || kinds.has(nameKind(at.name))
  return isOwn && at.app === app && owners.some((owner) => sharesKey(owner, at.owner))
}

/** Whether a file is called after a stream, given with its folder. */
export function isNamedAfter(stream: string, name: string): boolean {
  return folderOf(name) === folderOf(stream) && mayBelongTo(baseName(name), baseName(stream))
}

interface Watcher {
  readonly files: StreamFiles
  onUpload(): void
}

/** The uploads that run, and who wants to know of those that begin and end. */
export class UploadWatch {
  readonly #running = new Set<Placing>()
  readonly #watching = new Set<(at: Placing) => void>()
  /** Who waits for some files, by the apps and what such files are called, or called after: an upload costs none of the others. */
  readonly #waiting = new Map<string, Set<Watcher>>()

  /** Does the work of an upload. */
  async during<T>(at: Placing, work: () => Promise<T>): Promise<T> {
    this.#running.add(at)
    this.#tell(at)
    try {
      return await work()
    } finally {
      this.#running.delete(at)
      this.#tell(at)
    }
  }

  /** Whether an upload of a stream runs. */
  isRunning(files: StreamFiles): boolean {
    for (const at of this.#running) if (isOfStream(files, at)) return true
    return false
  }

  /** Calls `onUpload` for each upload that begins or ends. */
  watch(onUpload: (at: Placing) => void): void {
    this.#watching.add(onUpload)
  }

  /** Calls `onUpload` for each that may be of a stream, until the returned function is called. */
  watchFiles(files: StreamFiles, onUpload: () => void): () => void {
    const watcher = { files, onUpload }
    const names = [files.stream, ...files.kinds].map((name) => `${files.app}/${name}`)
    for (const name of names) this.#waiting.set(name, (this.#waiting.get(name) ?? new Set()).add(watcher))
    return () => {
      for (const name of names) {
        const waiting = this.#waiting.get(name)
        waiting?.delete(watcher)
        if (waiting?.size === 0) this.#waiting.delete(name)
      }
    }
  }

  #tell(at: Placing): void {
    for (const onUpload of this.#watching) onUpload(at)
    for (const { files, onUpload } of this.#mayWait(at)) if (isOfStream(files, at)) onUpload()
  }

  #mayWait({ app, name }: Placing): Set<Watcher> {
    const found = new Set<Watcher>()
    if (this.#waiting.size === 0) return found
    const names = [nameKind(name)]
    for (let end = folderOf(name).length + 1; end <= name.length; end++) names.push(name.slice(0, end))
    for (const each of names) for (const watcher of this.#waiting.get(`${app}/${each}`) ?? []) found.add(watcher)
    return found
  }
}
