import { archivedTo } from '../archive/archive.ts'
import { streamOf } from '../archive/run-dates.ts'
import type { Needs } from '../follower.ts'
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
  /** Entries that are numbered from here on are in its list, or are still needed. */
  readonly until: number
  /** Files are still to be made of it: what lies behind `until` stays, and so it does not go as a whole. */
  readonly isNeeded: boolean
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

/** The playlist that is asked for. */
interface AskedPlaylist {
  readonly app: string
  readonly name: string
  readonly withBytes: boolean
  readonly needs: Needs
}

/** What a media playlist and its recording take, and from where on it may go. */
export async function recordedPlaylist(
  sizes: RecordedSizes,
  { app, name, withBytes, needs }: AskedPlaylist,
  record: MediaRecord,
): Promise<RecordedPlaylist> {
  const { timeline } = record
  const size = await sizes.of(app, name, archivedTo(record), withBytes)
  const until = Math.min(listBegin(record, size), needs.neededFrom(app, name))
  const stream = streamOf(name)
  const isNeeded = needs.isNeeded(app, stream)
  const listAt = isNeeded ? undefined : timeline.acceptedAt
  return {
    ...{ app, name, stream, until, isNeeded },
    lastId: timeline.acceptedId,
    lastAt: timeline.acceptedAt,
    isOver: isServedEnded(record),
    windowMs: playsMs([record]),
    bytes: withBytes ? size.bytes + listBytes(sizes, app, record, size) : 0,
    from: size.first ?? until,
    to: size.first ?? until,
    at: size.first !== undefined && size.first < until ? size.firstAt : listAt,
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
