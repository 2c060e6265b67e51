import { hasPassed } from '../elapsed.ts'
import { GAP_MEND_MS, VOD_CACHE_MS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import { RunUploads } from '../playlist/run-uploads.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import type { MediaRecord } from '../playlist-record.ts'
import type { Journal } from '../ports.ts'
import { toBytes } from '../records.ts'
import { archivedTo, readArchive } from './archive.ts'
import { type ArchivedEntry, archivedEntries } from './archived-entry.ts'
import type { FoundRun } from './runs.ts'
import type { SegmentDurations } from './segment-durations.ts'
import { durationOf, type Unnamed, UnnamedSegments, withSeconds } from './unnamed.ts'
import { renderVod } from './vod.ts'

const END = '#EXT-X-ENDLIST'

/** The recording of a playlist as it was put together for one version, which a hole may outlive. */
export interface RecordedText {
  readonly version: number
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch. */
  readonly madeAt: number
  /** Something may still come that would be in it, though no new version does. */
  readonly mayChange: boolean
  /** What is left out of it until it was read how long that plays. */
  readonly unread: readonly Unnamed[]
  /** What it is of: a run, and whether it is open; empty: of all. */
  readonly part: string
}

/** A media playlist whose recording is asked for. */
export interface Recorded {
  readonly app: string
  readonly name: string
  readonly record: MediaRecord
  readonly scanned: ScannedPlaylist
  /** As it was put together last. */
  readonly known: RecordedText | undefined
  /** The run that is asked for; undefined: all. */
  readonly run: RecordedPart | undefined
}

/** A run, or what part of a recording is asked for. */
export interface RecordedPart extends FoundRun {
  /** Its encoder may go on. */
  readonly isOpen: boolean
  /** Nothing more of it is named. */
  readonly isOver?: boolean
  readonly isMarked?: boolean
  /** Without what no playlist named, or was bound to: who follows it may have passed its place. */
  readonly isNamedOnly?: boolean
}

/**
 * The recording of a playlist as a VOD playlist: all that was served and has left it, and what is served now. Undefined when
 * nothing was served yet. Costs what the whole recording costs, once for each version.
 */
export function recordedText(
  journal: Journal,
  { app, name, record, scanned, known, run }: Recorded,
  lookup: UriLookup,
  durations: SegmentDurations,
  now: number,
): RecordedText | undefined {
  const { served, timeline } = record
  if (served === undefined) return undefined
  const part = run === undefined ? '' : `${run.name} ${run.isOpen} ${run.isNamedOnly === true}`
  const isKnown = known !== undefined && known.part === part
  const isFresh = isKnown && (!known.mayChange || Math.abs(now - known.madeAt) < VOD_CACHE_MS)
  if (isFresh && known.unread.length === 0 && known.version === served.version) return known
  const shown = { from: archivedTo(record), to: served.last + 1 }
  const named = [...readArchive(journal, app, name), ...archivedEntries(record, scanned, lookup, shown)]
  // An encoder that goes on after its end does so with its next entry.
  const hasEnded = timeline.hasEndlist || served.foot.includes(END) || run?.isOver === true
  const end = new RunUploads(timeline, lookup, now).nextRun || undefined
  const unnamed = new UnnamedSegments(named, lookup, hasEnded, end)
  const { entries, unread, longest } =
    run?.isNamedOnly === true ? { entries: named, unread: [], longest: 0 } : withUnnamed(named, unnamed, durations)
  const head = scanned.lines.slice(0, scanned.bodyLine)
  const targetDuration = Math.max(timeline.targetDuration, Math.round(longest))
  const { text, hasHoles } = renderVod(entries, targetDuration, head, lookup, end, run)
  // What no playlist names may come late, and wakes none.
  const isOpen = hasEnded && !hasPassed(timeline.acceptedAt, GAP_MEND_MS, now)
  const mayChange = hasHoles || isOpen
  return { version: served.version, bytes: toBytes(text), madeAt: now, mayChange, unread, part }
}

/** With the segments that no playlist named, as far as it is known how long they play, and how long the longest of them does. */
function withUnnamed(
  named: readonly ArchivedEntry[],
  unnamed: UnnamedSegments,
  durations: SegmentDurations,
): { readonly entries: ArchivedEntry[]; readonly unread: Unnamed[]; readonly longest: number } {
  const unread: Unnamed[] = []
  let longest = 0
  const entries = named.flatMap((entry, index) => [
    entry,
    ...unnamed.after(index).flatMap((each) => {
      const told = durations.of(each.object)
      if (told === undefined) {
        unread.push(each)
        return []
      }
      const seconds = told ?? durationOf(entry)
      longest = Math.max(longest, seconds)
      return [withSeconds(each.entry, seconds)]
    }),
  ])
  return { entries, unread, longest }
}
