import { archivedTo } from '../archive/archive.ts'
import { streamOf } from '../archive/run-dates.ts'
import { isServedEnded, lastServed, type MediaRecord } from '../playlist-record.ts'
import { playsMs } from './ended-streams.ts'
import type { RecordedSize, RecordedSizes } from './recorded-sizes.ts'

/** A playlist of which the oldest may go. */
export interface RecordedPlaylist {
  readonly app: string
  readonly name: string
  /** With its folder. */
  readonly stream: string
  /** The id of its newest version. */
  readonly lastId: string
  /** When that came, in ms since the epoch. */
  readonly lastAt: number
  /** It has ended. */
  readonly isOver: boolean
  /** How long the window of its live list plays, in ms. */
  readonly windowMs: number
  /** Entries that are numbered from here on are in its list. */
  readonly until: number
  /** Bytes of all, where they matter. */
  readonly bytes: number
  /** The number of its first entry. */
  readonly from: number
  /** What of it is to go: its entries below this number. */
  to: number
  /** When the entry there came, in ms since the epoch; undefined: nothing else of it may go. */
  at: number | undefined
  /** When the last entry came that is to go. */
  takenAt: number
  /** How many are to go, and their bytes. */
  taken: number
  freed: number
  /** How old it must be at least to go, in ms; 0: it goes because of what it takes. */
  leastMs: number
  /** The whole playlist is to go. */
  isWhole: boolean
}

/** What a media playlist and its recording take, and from where on it may go. */
export async function recordedPlaylist(
  sizes: RecordedSizes,
  { app, name, withBytes }: { readonly app: string; readonly name: string; readonly withBytes: boolean },
  record: MediaRecord,
): Promise<RecordedPlaylist> {
  const { timeline } = record
  const size = await sizes.of(app, name, archivedTo(record), withBytes)
  const until = listBegin(record, size)
  return {
    ...{ app, name, stream: streamOf(name), until },
    lastId: timeline.acceptedId,
    lastAt: timeline.acceptedAt,
    isOver: isServedEnded(record),
    windowMs: playsMs([record]),
    bytes: withBytes ? size.bytes + listBytes(sizes, app, record, size) : 0,
    from: size.first ?? until,
    to: size.first ?? until,
    at: size.first !== undefined && size.first < until ? size.firstAt : timeline.acceptedAt,
    takenAt: 0,
    ...{ taken: 0, freed: 0, leastMs: 0, isWhole: false },
  }
}

/** The number from which on a list shows entries, here or where it waits to be served. */
function listBegin(record: MediaRecord, { first }: RecordedSize): number {
  const { timeline, isGrowing, sealed, served } = record
  const isLong = isGrowing || sealed !== undefined || served?.sealed !== undefined
  if (!isLong) return timeline.entries[0]?.number ?? archivedTo(record)
  const begin = timeline.run.firstNumber
  // As long as the run before is served, all of that is shown.
  return lastServed(record) >= begin ? begin : (first ?? begin)
}

/** Bytes of what only the list has: of a file that goes on from the archive the rest counts once it is there. */
function listBytes(sizes: RecordedSizes, app: string, record: MediaRecord, { last }: RecordedSize): number {
  const inList = record.timeline.entries.filter(({ number }) => number >= archivedTo(record))
  const files = new Set(inList.flatMap(({ segment }) => segment?.stored ?? []))
  return [...files].reduce((sum, stored) => sum + (stored === last ? 0 : sizes.bytesOfFile(app, stored)), 0)
}
