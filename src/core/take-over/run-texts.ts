import { momentOf } from '../archive/date-time.ts'
import type { RecordedRun } from '../archive/runs.ts'
import { parseName } from '../names.ts'
import type { ObjectStore } from '../object-store.ts'
import { concat } from '../piece-buffer.ts'
import { toText } from '../records.ts'
import { storeKey } from '../storing/store-key.ts'
import { baseName } from '../upload-path.ts'
import type { FoundObject } from './found-object.ts'

/** A run of a playlist whose text is in the store. */
export interface RunText extends RecordedRun {
  readonly found: FoundObject
  /** Nothing more of it comes. */
  readonly isOver: boolean
  /** It has no entries. */
  readonly isEmpty: boolean
}

/** Enough to read the tags before the first entry, in bytes. */
const HEAD_BYTES = 1_024
/** As a run is written: its tags, in this order, and no others. */
const HEAD =
  /^#EXTM3U\n#EXT-X-VERSION:\d+\n#EXT-X-TARGETDURATION:\d+\n#EXT-X-MEDIA-SEQUENCE:(\d{1,15})\n#EXT-X-PLAYLIST-TYPE:(EVENT|VOD)\n/
/** What stands behind them where there are no entries. */
const NO_ENTRIES = ['', '#EXT-X-ENDLIST\n']
/** With milliseconds, which encoders mostly leave out. */
const DATE_TIME = /\.\d{3}$/

/** What a text in the store is as that of a run; undefined where it was not written as one. Throws StorageError. */
export async function runTextOf(store: ObjectStore, found: FoundObject, zone: string): Promise<RunText | undefined> {
  const { app, name, size } = found
  const { dateTime } = parseName(baseName(name))
  if (dateTime === undefined || !DATE_TIME.test(dateTime) || size === 0) return undefined
  const startedAt = momentOf(dateTime, zone)
  const read = await store.get(storeKey(app, name), { range: { start: 0, end: Math.min(HEAD_BYTES, size) } })
  if (read === null || startedAt === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of read.body) chunks.push(chunk)
  const text = toText(concat(chunks))
  const [head, number, type] = HEAD.exec(text) ?? []
  if (head === undefined) return undefined
  const isEmpty = NO_ENTRIES.includes(text.slice(head.length))
  return { name, startedAt, number: Number(number), found, isOver: type === 'VOD', isEmpty }
}

/** Runs that have entries, in the order of their numbers; of those that begin with one number the first is the one. */
export function runsInOrder(runs: readonly RunText[]): RunText[] {
  const inOrder = runs
    .filter(({ isEmpty }) => !isEmpty)
    .sort((one, other) => one.number - other.number || (one.name < other.name ? -1 : 1))
  return inOrder.filter((run, index) => run.number !== inOrder[index - 1]?.number)
}
