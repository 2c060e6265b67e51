import { archivePrefixes } from '../archive/archive.ts'
import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { ARCHIVE_CHUNK_ENTRIES, TAKEN_COMMIT_CHUNKS } from '../limits.ts'
import { hasTag } from '../playlist/tags.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys } from '../records.ts'
import type { ChunkPlace } from '../sealed-list.ts'

/** Keys that are removed in one go. */
const REMOVED_AT_ONCE = 1_000

/** Writes the recording of a playlist that is taken up, entry after entry; little of it is in memory. */
export class ArchiveWriter {
  readonly #journal: Journal
  readonly #at: ChunkPlace
  #held: ArchivedEntry[] = []
  #writes: JournalWrite[] = []
  entries = 0

  constructor(journal: Journal, at: ChunkPlace) {
    this.#journal = journal
    this.#at = at
  }

  /** Takes out what an attempt before, which did not come to its end, has left. */
  async clear(): Promise<void> {
    const left = archivePrefixes(this.#at).flatMap((prefix) => [...this.#journal.entries(prefix)].map(([key]) => key))
    for (let at = 0; at < left.length; at += REMOVED_AT_ONCE) {
      await this.#journal.commit(left.slice(at, at + REMOVED_AT_ONCE).map((key) => ({ key, value: null })))
    }
  }

  /** Adds the next entry. Entries of one number are in one chunk: it is found by the number of its first one. */
  async add(entry: ArchivedEntry): Promise<void> {
    const last = this.#held.at(-1)
    if (this.#held.length >= ARCHIVE_CHUNK_ENTRIES && last !== undefined && entry.number > last.number) this.#endChunk()
    this.#held.push(entry)
    this.entries++
    if (this.#writes.length < TAKEN_COMMIT_CHUNKS) return
    await this.#journal.commit(this.#writes)
    this.#writes = []
  }

  /**
   * What is left to be written; `next` is the number of what follows: what is between was recorded, and no text has it. It is found by
   * name later, but where segments are encrypted: nobody knows with which keys.
   */
  end(next: number | undefined): readonly JournalWrite[] {
    const last = this.#held.pop()
    if (last !== undefined) this.#held.push({ ...last, ...lossBehind(last, next) })
    if (this.#held.length > 0) this.#endChunk()
    return this.#writes
  }

  #endChunk(): void {
    const { app, name } = this.#at
    this.#writes.push(jsonWrite(keys.archived(app, name, this.#held[0]?.number ?? 0), this.#held))
    this.#held = []
  }
}

function lossBehind({ number, shared }: ArchivedEntry, next: number | undefined): Partial<ArchivedEntry> {
  if (next === undefined || next <= number + 1) return {}
  return shared.some((line) => hasTag(line, '#EXT-X-KEY')) ? { isCutBehind: true } : { lostTo: next }
}
