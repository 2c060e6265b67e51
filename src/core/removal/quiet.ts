import { REMOVAL_RETRY_MS } from '../limits.ts'
import type { Clock } from '../ports.ts'
import type { StreamFiles, UploadWatch } from './upload-watch.ts'

/** What quiet is told by. */
export interface QuietParts {
  readonly clock: Clock
  readonly uploads: UploadWatch
}

/** Who waits for it. */
export interface QuietListener {
  /** Something came: it begins anew. */
  onUpload(): void
  onQuiet(): void
}

const NOBODY: QuietListener = { onUpload: () => {}, onQuiet: () => {} }

/**
 * Tells whether nothing of some files has been uploaded for a while, REMOVAL_RETRY_MS at least. Timers alone count it: it is the same
 * however the system's clock is set.
 */
export class Quiet {
  readonly #parts: QuietParts
  readonly #listener: QuietListener
  #unwatch: () => void
  #files: StreamFiles
  #ms: number
  #isOver = false
  #cancel: () => void = () => {}

  constructor(parts: QuietParts, files: StreamFiles, ms: number, listener = NOBODY) {
    this.#parts = parts
    this.#listener = listener
    this.#files = files
    this.#ms = ms
    this.#unwatch = this.#watch(files)
    this.beginAnew()
  }

  /** It has been quiet for so long. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** From now on other files are meant, or a longer while. */
  use(files: StreamFiles, ms: number): void {
    const isLonger = ms > this.#ms
    this.#unwatch()
    this.#unwatch = this.#watch(files)
    this.#files = files
    this.#ms = ms
    if (isLonger || this.#parts.uploads.isRunning(files)) this.beginAnew()
  }

  /** Counts from now on. */
  beginAnew(): void {
    this.#isOver = false
    this.#cancel()
    this.#cancel = this.#parts.clock.after(Math.max(this.#ms, REMOVAL_RETRY_MS), () => {
      if (this.#parts.uploads.isRunning(this.#files)) return this.beginAnew()
      this.#isOver = true
      this.#listener.onQuiet()
    })
  }

  /** Tells nothing any more. */
  stop(): void {
    this.#isOver = false
    this.#cancel()
    this.#unwatch()
  }

  #watch(files: StreamFiles): () => void {
    return this.#parts.uploads.watchFiles(files, () => {
      this.beginAnew()
      this.#listener.onUpload()
    })
  }
}
