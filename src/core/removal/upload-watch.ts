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

/** The uploads that run, and who wants to know of those that begin and end. */
export class UploadWatch {
  readonly #running = new Set<Placing>()
  readonly #watching = new Set<(at: Placing) => void>()

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

  /** Calls `onUpload` for each upload that begins or ends, until the returned function is called. */
  watch(onUpload: (at: Placing) => void): () => void {
    this.#watching.add(onUpload)
    return () => this.#watching.delete(onUpload)
  }

  #tell(at: Placing): void {
    for (const onUpload of this.#watching) onUpload(at)
  }
}
