import { archivedTo } from '../archive/archive.ts'
import { streamOf } from '../archive/run-dates.ts'
import { isServedEnded, type MediaRecord } from '../playlist-record.ts'
import type { RecordedSizes } from './recorded-sizes.ts'

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
  /** Bytes of what is to go. */
  freed: number
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
  const { first, firstAt, bytes } = await sizes.of(app, name, withBytes)
  const isWhole = record.isGrowing || record.sealed !== undefined || record.served?.sealed !== undefined
  const until = isWhole ? (first ?? archivedTo(record)) : (timeline.entries[0]?.number ?? archivedTo(record))
  const inList = timeline.entries.filter(({ number }) => number >= archivedTo(record))
  const listBytes = withBytes ? inList.reduce((sum, { segment }) => sum + sizes.bytesOf(app, { segment }), 0) : 0
  const hasOlder = first !== undefined && first < until
  return {
    ...{ app, name, stream: streamOf(name), until },
    lastId: timeline.acceptedId,
    lastAt: timeline.acceptedAt,
    isOver: isServedEnded(record),
    bytes: bytes + listBytes,
    from: first ?? until,
    to: first ?? until,
    at: hasOlder ? firstAt : timeline.acceptedAt,
    freed: 0,
    isWhole: false,
  }
}
