import { VOD_CACHE_MS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { ScannedPlaylist } from '../playlist/scan.ts'
import type { MediaRecord } from '../playlist-record.ts'
import type { Journal } from '../ports.ts'
import { toBytes } from '../records.ts'
import { archivedTo, readArchive } from './archive.ts'
import { archivedEntries } from './archived-entry.ts'
import type { FoundRun } from './runs.ts'
import { renderVod } from './vod.ts'

/** The recording of a playlist as it was put together for one version, which a hole may outlive. */
export interface RecordedText {
  readonly version: number
  readonly bytes: Uint8Array
  /** Milliseconds since the epoch. */
  readonly madeAt: number
  readonly hasHoles: boolean
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
  /** The run that is asked for; undefined: all. It is open while its encoder may go on. */
  readonly run: (FoundRun & { readonly isOpen: boolean }) | undefined
}

/**
 * The recording of a playlist as a VOD playlist: all that was served and has left it, and what is served now. Undefined when
 * nothing was served yet. Costs what the whole recording costs, once for each version.
 */
export function recordedText(
  journal: Journal,
  { app, name, record, scanned, known, run }: Recorded,
  lookup: UriLookup,
  now: number,
): RecordedText | undefined {
  const { served, timeline } = record
  if (served === undefined) return undefined
  const part = run === undefined ? '' : `${run.name} ${run.isOpen}`
  const isKnown = known !== undefined && known.part === part
  const isFresh = isKnown && (!known.hasHoles || Math.abs(now - known.madeAt) < VOD_CACHE_MS)
  if (isFresh && known.version === served.version) return known
  const shown = { from: archivedTo(record), to: served.last + 1 }
  const entries = [...readArchive(journal, app, name), ...archivedEntries(record, scanned, lookup, shown)]
  const head = scanned.lines.slice(0, scanned.bodyLine)
  const { text, hasHoles } = renderVod(entries, timeline.targetDuration, head, lookup, run)
  return { version: served.version, bytes: toBytes(text), madeAt: now, hasHoles, part }
}
