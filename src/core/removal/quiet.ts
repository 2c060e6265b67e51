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
  #countedMs = 0
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

  /** From now on other files are meant, or another while: what has been quiet so far counts. */
  use(files: StreamFiles, ms: number): void {
    this.#unwatch()
    this.#unwatch = this.#watch(files)
    this.#files = files
    this.#ms = ms
    if (this.#parts.uploads.isRunning(files)) this.beginAnew()
    else if (this.#isOver) this.#goOn()
  }

  /** Counts from now on. */
  beginAnew(): void {
    this.#countedMs = 0
    this.#goOn()
  }

  /** Counts what is left. */
  #goOn(): void {
    const ms = Math.max(this.#ms, REMOVAL_RETRY_MS) - this.#countedMs
    this.#isOver = ms <= 0
    if (this.#isOver) return
    this.#cancel()
    this.#cancel = this.#parts.clock.after(ms, () => {
      if (this.#parts.uploads.isRunning(this.#files)) return this.beginAnew()
      this.#countedMs += ms
      this.#goOn()
      if (this.#isOver) this.#listener.onQuiet()
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
