import { hasPassed } from '../elapsed.ts'
import { GAP_MEND_MS, VOD_CACHE_MS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import { RunUploads } from '../playlist/run-uploads.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import type { MediaRecord } from '../playlist-record.ts'
import type { Journal } from '../ports.ts'
import { archivedTo, openChunks } from './archive.ts'
import { type ArchivedEntry, archivedEntries } from './archived-entry.ts'
import type { Block } from './block.ts'
import type { KeptBlock } from './kept-blocks.ts'
import { isInBlocks } from './known-uploads.ts'
import { type Resolved, resolveEntries } from './resolve.ts'
import { runsOf } from './runs.ts'
import type { SegmentDurations } from './segment-durations.ts'
import type { Unnamed } from './unnamed.ts'
import { inForm, writeBlock } from './write-block.ts'

const END = '#EXT-X-ENDLIST'

/** A media playlist whose recording is asked for. */
export interface Recorded {
  readonly app: string
  readonly name: string
  readonly record: MediaRecord
  readonly scanned: ScannedPlaylist
}

/** What a recording has behind its blocks that are kept for good, as it was put together for one version of its playlist. */
export interface RecordedTail {
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly madeAt: number
  /** Something may still come that would be in it, though no new version does. */
  readonly mayChange: boolean
  /** What is left out of it until it was read how long that plays. */
  readonly unread: readonly Unnamed[]
  /** None has entries of two runs, nor both such as have left the playlist and such as have not. */
  readonly blocks: readonly TailBlock[]
  /** The blocks before them: only those, since what is in a tail may be in a kept block later. */
  readonly kept: readonly KeptBlock[]
}

/** A block in both its forms; `event` undefined: they are the same. */
export interface TailBlock {
  readonly vod: Block
  readonly event: Block | undefined
}

/** The tail of a recording, `known` where that is still right; undefined when nothing was served yet. */
export function recordedTail(
  journal: Journal,
  at: Recorded,
  known: RecordedTail | undefined,
  parts: Omit<TailParts, 'isOver' | 'kept'>,
  readKept: () => readonly KeptBlock[],
): RecordedTail | undefined {
  const { record } = at
  const { lookup, now } = parts
  if (record.served === undefined) return undefined
  const { version } = record.served
  const isFresh = known !== undefined && (!known.mayChange || Math.abs(now - known.madeAt) < VOD_CACHE_MS)
  if (isFresh && known.unread.length === 0 && known.version === version) return known
  const kept = readKept()
  const isOver = hasEnded(record)
  const { entries, unread, hasHoles } = resolvedTail(journal, at, { ...parts, kept, isOver })
  // What no playlist names may come late, and wakes none.
  const mayChange = hasHoles || (isOver && !hasPassed(record.timeline.acceptedAt, GAP_MEND_MS, now))
  const runs = runsOf(journal, at.app, at.name).map(({ number }) => number)
  const numbers = [...runs, archivedTo(record)].sort((one, other) => one - other)
  const blocks = blocksOf(partsAt(entries, numbers), kept.at(-1), lookup)
  return { version, madeAt: now, mayChange, unread, blocks, kept }
}

/** What a tail takes of memory, in bytes. */
export function tailBytes({ blocks }: RecordedTail): number {
  const all = blocks.flatMap(({ vod, event }) => (event === undefined ? [vod] : [vod, event]))
  return all.reduce((sum, block) => sum + block.text().length + block.index().bytes.length, 0)
}

/** How the tail is resolved. */
export interface TailParts {
  /** The blocks before it. */
  readonly kept: readonly KeptBlock[]
  readonly lookup: UriLookup
  readonly durations: SegmentDurations
  readonly now: number
  /** Nothing more of it is named. */
  readonly isOver: boolean
}

/** The entries behind the blocks that are kept, with all that is known to belong to them. */
export function resolvedTail(
  journal: Journal,
  { app, name, record, scanned }: Recorded,
  { kept, isOver, ...parts }: TailParts,
): Resolved {
  const at = { app, name }
  const shown = { from: archivedTo(record), to: (record.served?.last ?? -1) + 1 }
  const open = [...openChunks(journal, at)].flatMap(({ entries }) => entries)
  const named = [...open, ...archivedEntries(record, scanned, parts.lookup, shown)]
  const end = new RunUploads(record.timeline, parts.lookup, parts.now).nextRun || undefined
  const isKnown = isInBlocks(journal, at, kept)
  return resolveEntries(named, { ...parts, isOver, end, isKnown, life: kept.at(-1)?.life })
}

/** An encoder that goes on after its end does so with its next entry. */
export function hasEnded({ timeline, served }: MediaRecord): boolean {
  return timeline.hasEndlist || served?.foot.includes(END) === true
}

function blocksOf(
  parts: readonly (readonly ArchivedEntry[])[],
  kept: KeptBlock | undefined,
  lookup: UriLookup,
): readonly TailBlock[] {
  const blocks: TailBlock[] = []
  for (const part of parts) {
    const before = blocks.at(-1) ?? kept
    const vod = writeBlock(part, lookup, before?.vod.last)
    const hasLess = part.some(({ added }) => added !== undefined)
    const eventBefore = (before?.event ?? before?.vod)?.last
    const event = hasLess ? writeBlock(inForm(part, 'event'), lookup, eventBefore) : undefined
    if (vod !== undefined) blocks.push({ vod, event })
  }
  return blocks
}

/** Entries in parts: none has entries from before and behind one of these numbers, which are in order. */
export function partsAt(entries: readonly ArchivedEntry[], numbers: readonly number[]): ArchivedEntry[][] {
  const parts: ArchivedEntry[][] = []
  let next = 0
  for (const entry of entries) {
    const from = next
    while ((numbers[next] ?? Number.POSITIVE_INFINITY) <= entry.number) next++
    if (parts.length === 0 || next > from) parts.push([])
    parts.at(-1)?.push(entry)
  }
  return parts
}
