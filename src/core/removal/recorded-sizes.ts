import { openChunks, readArchive } from '../archive/archive.ts'
import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { entriesOfBlock, firstBlock } from '../archive/kept-blocks.ts'
import type { Catalog } from '../catalog.ts'
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
  /** Bytes of its segments, each once where it is named by entries in a row; those that came late count once it is counted anew. */
  readonly bytes: number
  /** The stored name of the last of them. */
  readonly last: string | undefined
}

interface Counted extends RecordedSize {
  /** What its beginning is known by. */
  readonly mark: string
  /** Entries numbered from here on are not counted yet. */
  readonly to: number
}

/** The sizes of recordings: each entry is counted once, and all of them anew when something was taken out, and after a start. */
export class RecordedSizes {
  readonly #parts: RecordedSizesParts
  /** By app and name. */
  readonly #sizes = new Map<string, Counted>()

  constructor(parts: RecordedSizesParts) {
    this.#parts = parts
  }

  /** What a recording takes whose entries are archived up to a number; without its bytes where those do not matter. */
  async of(app: string, name: string, archivedTo: number, withBytes: boolean): Promise<RecordedSize> {
    const { clock, journal } = this.#parts
    const first = firstEntry(journal, app, name)
    const known = this.#sizes.get(`${app}/${name}`)
    const isKnown = known !== undefined && known.mark === first?.mark
    const firstAt = isKnown ? known.firstAt : this.cameAt(app, first?.entry() ?? {})
    let { bytes, to, last } = isKnown ? known : { bytes: 0, to: first?.number ?? 0, last: undefined }
    if (withBytes && to < archivedTo) {
      for await (const slice of slices(clock, readArchive(journal, app, name, to))) {
        for (const entry of slice) {
          bytes += this.bytesOf(app, entry, last)
          last = entry.segment?.stored ?? last
        }
        to = (slice.at(-1)?.number ?? to) + 1
      }
    }
    const size = { mark: first?.mark ?? '', first: first?.number, firstAt, bytes, to, last }
    this.#sizes.set(`${app}/${name}`, size)
    return size
  }

  /** Something was taken out of a recording. */
  forget(app: string, name: string): void {
    this.#sizes.delete(`${app}/${name}`)
  }

  /** Forgets all but these, each by app and name. */
  keepOnly(playlists: ReadonlySet<string>): void {
    for (const key of this.#sizes.keys()) if (!playlists.has(key)) this.#sizes.delete(key)
  }

  /** The bytes of an entry; 0 of a hole, and of one that goes on with the file before it. */
  bytesOf(app: string, { range, segment }: Pick<ArchivedEntry, 'range' | 'segment'>, before?: string): number {
    if (range !== undefined && segment !== undefined) return range.end - range.start
    return segment === undefined || segment.stored === before ? 0 : this.bytesOfFile(app, segment.stored)
  }

  /** The bytes of what has a stored name. */
  bytesOfFile(app: string, stored: string): number {
    return this.#parts.catalog.object(app, stored)?.size ?? 0
  }

  /** When an entry came, by this machine's clock, in ms since the epoch. */
  cameAt(app: string, { namedAt, segment }: Pick<ArchivedEntry, 'namedAt' | 'segment'>): number {
    if (namedAt !== undefined || segment === undefined) return namedAt ?? 0
    return this.#parts.catalog.object(app, segment.stored)?.acceptedAt ?? 0
  }
}

interface FirstEntry {
  readonly number: number
  readonly mark: string
  entry(): ArchivedEntry | undefined
}

/** Where a recording begins; its entry is read when it is asked for, since a block is long. */
function firstEntry(journal: Journal, app: string, name: string): FirstEntry | undefined {
  const at = { app, name }
  const block = firstBlock(journal, at)
  const [chunk] = block === undefined ? openChunks(journal, at) : []
  const open = chunk?.entries[0]
  if (block === undefined) {
    const mark = `${open?.number} ${open?.namedAt} ${open?.segment?.id}`
    return open && { number: open.number, mark, entry: () => open }
  }
  const { number, count } = block.vod
  const mark = `${number} ${count} ${block.ids?.join(' ')}`
  return { number, mark, entry: () => entriesOfBlock(journal, at, block)[0] }
}
