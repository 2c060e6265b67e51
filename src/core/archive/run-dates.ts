import { MAX_RUN_DATES } from '../limits.ts'
import { parseName } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { dateTimeOf } from './date-time.ts'

/** When a run began. */
export interface RunDate {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The same as Ant Media Server writes it in file names. */
  readonly dateTime: string
}

/** When the newest run of each stream began: one moment for all its renditions. */
export class RunDates {
  readonly #journal: Journal
  readonly #zone: string
  /** Those used longest ago come first; what is not durable yet is here alone. */
  readonly #newest = new Map<string, RunDate>()

  /** `zone` is an IANA time zone. */
  constructor(journal: Journal, zone: string) {
    this.#journal = journal
    this.#zone = zone
  }

  /** The newest run of the stream that a file is of, by its name; undefined when none has begun. */
  newest(app: string, name: string): RunDate | undefined {
    const key = keys.newestRun(app, streamOf(name))
    const known = this.#newest.get(key)
    if (known !== undefined) return known
    const startedAt = readJson<number>(this.#journal, key)
    return startedAt === undefined ? undefined : this.#keep(key, startedAt)
  }

  /** Begins a run of that stream, for whoever asks from now on; the write makes it durable. */
  begin(app: string, name: string, startedAt: number): { readonly date: RunDate; readonly write: JournalWrite } {
    const key = keys.newestRun(app, streamOf(name))
    return { date: this.#keep(key, startedAt), write: jsonWrite(key, startedAt) }
  }

  /** Forgets the run of the stream that a file is of which began at that moment, unless another has begun since. */
  async forget(app: string, name: string, startedAt: number | undefined): Promise<void> {
    const key = keys.newestRun(app, streamOf(name))
    const isNewest = () => startedAt !== undefined && this.newest(app, name)?.startedAt === startedAt
    if (!isNewest()) return
    await this.#journal.commit([{ key, value: null }])
    if (this.#newest.get(key)?.startedAt === startedAt) this.#newest.delete(key)
  }

  #keep(key: string, startedAt: number): RunDate {
    const date = { startedAt, dateTime: dateTimeOf(startedAt, this.#zone) }
    this.#newest.delete(key)
    this.#newest.set(key, date)
    const [oldest] = this.#newest.keys()
    if (this.#newest.size > MAX_RUN_DATES && oldest !== undefined) this.#newest.delete(oldest)
    return date
  }
}

/** The stream that a file is of, with its folder: its renditions, init sections and playlists have it in common. */
export function streamOf(name: string): string {
  return folderOf(name) + parseName(baseName(name)).stream
}
