import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The files that a server has made of its uploads, in one folder. */
export class UploadedFiles {
  readonly #folder: string
  readonly #emptied = new Set<string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** How many there are. */
  count(): number {
    return this.#names().length
  }

  /**
   * Frees the blocks of all files, and keeps the files: ext4 gives a removed inode to no new file for some minutes, and
   * looks through all removed ones at each new file, so that removing would make every later upload several times dearer.
   */
  empty(): void {
    for (const name of this.#names()) {
      if (this.#emptied.has(name)) continue
      truncateSync(join(this.#folder, name))
      this.#emptied.add(name)
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder)
    } catch {
      return []
    }
  }
}

const PROBE_FILES = 500
/** CPU time to make a file, in µs; above, the file system is slowed by what was removed before. */
const PROBE_LIMIT = 100

/** Whether making files in a new folder costs much more than it should. */
export function isSlowToFill(folder: string): boolean {
  mkdirSync(folder, { recursive: true })
  const before = process.cpuUsage()
  for (let file = 0; file < PROBE_FILES; file++) writeFileSync(join(folder, String(file)), '')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / PROBE_FILES > PROBE_LIMIT
}
