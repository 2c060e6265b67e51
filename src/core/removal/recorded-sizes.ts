import { openChunks, readArchive } from '../archive/archive.ts'
import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { firstBlock } from '../archive/kept-blocks.ts'
import type { Catalog } from '../catalog.ts'
import type { MediaRange } from '../playlist/scan.ts'
import type { Bound } from '../playlist/timeline.ts'
import type { Clock, Journal } from '../ports.ts'
import { slices } from './slices.ts'

/** What sizes are read from. */
export interface RecordedSizesParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly catalog: Catalog
}

/** What the recording of a playlist takes. */
export interface RecordedSize {
  /** The number of its first entry; undefined when there is none. */
  readonly first: number | undefined
  /** When that came, in ms since the epoch. */
  readonly firstAt: number
  /** Bytes of its segments; those that came late are counted after the next start. */
  readonly bytes: number
  /** Entries numbered from here on are not counted yet. */
  readonly to: number
}

/** The sizes of recordings: each entry is counted once, and all of them again after a start, or when something else took some out. */
export class RecordedSizes {
  readonly #parts: RecordedSizesParts
  readonly #sizes = new Map<string, RecordedSize>()

  constructor(parts: RecordedSizesParts) {
    this.#parts = parts
  }

  /** What a recording takes; without its bytes where those do not matter. */
  async of(app: string, name: string, withBytes: boolean): Promise<RecordedSize> {
    const { clock, journal } = this.#parts
    const first = firstEntry(journal, app, name)
    const known = this.#sizes.get(`${app}/${name}`)
    const isKnown = known !== undefined && known.first === first?.number
    const firstAt = isKnown ? known.firstAt : first === undefined ? 0 : this.cameAt(app, first.entry())
    let { bytes, to } = isKnown ? known : { bytes: 0, to: first?.number ?? 0 }
    if (withBytes) {
      for await (const slice of slices(clock, readArchive(journal, app, name, to))) {
        for (const entry of slice) bytes += this.bytesOf(app, entry)
        to = (slice.at(-1)?.number ?? to) + 1
      }
    }
    const size = { first: first?.number, firstAt, bytes, to }
    this.#sizes.set(`${app}/${name}`, size)
    return size
  }

  /** Entries were taken out of a recording, up to and without `next`. */
  cut(app: string, name: string, bytes: number, next: ArchivedEntry | undefined): void {
    const known = this.#sizes.get(`${app}/${name}`)
    if (known === undefined) return
    if (next === undefined) this.#sizes.delete(`${app}/${name}`)
    else {
      const firstAt = this.cameAt(app, next)
      this.#sizes.set(`${app}/${name}`, { ...known, first: next.number, firstAt, bytes: known.bytes - bytes })
    }
  }

  /** The bytes of an entry; 0 of a hole. */
  bytesOf(app: string, { range, segment }: Sized): number {
    if (segment === undefined) return 0
    return range === undefined ? (this.#parts.catalog.object(app, segment.stored)?.size ?? 0) : range.end - range.start
  }

  /** When an entry came, by this machine's clock, in ms since the epoch. */
  cameAt(app: string, { namedAt, segment }: ArchivedEntry): number {
    if (namedAt !== undefined || segment === undefined) return namedAt ?? 0
    return this.#parts.catalog.object(app, segment.stored)?.acceptedAt ?? 0
  }
}

interface Sized {
  readonly range?: MediaRange
  readonly segment?: Bound | undefined
}

interface FirstEntry {
  readonly number: number
  entry(): ArchivedEntry
}

/** Where a recording begins; its entry is read when it is asked for, since a block is long. */
function firstEntry(journal: Journal, app: string, name: string): FirstEntry | undefined {
  const block = firstBlock(journal, { app, name })
  if (block !== undefined) return block
  const [chunk] = openChunks(journal, { app, name })
  const entry = chunk?.entries[0]
  return entry && { number: entry.number, entry: () => entry }
}
