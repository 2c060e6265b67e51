import type { UriLookup } from '../playlist/lookup.ts'
import type { MediaRange, ScannedEntry, ScannedPlaylist } from '../playlist/scan.ts'
import { sharedLine, withDuration, withUri } from '../playlist/served-line.ts'
import { sharedSites } from '../playlist/shared.ts'
import { hasTag, isEntryLine } from '../playlist/tags.ts'
import { type Bound, isBreak, type Run, sharedBinding, type TimelineEntry } from '../playlist/timeline.ts'
import type { MediaRecord } from '../playlist-record.ts'

/** An entry of a recording, with all that holds for it: it can stand anywhere in a list. */
export interface ArchivedEntry {
  /** Media sequence number as served. */
  readonly number: number
  /** The encoder's lines that speak of it alone, without its URI. */
  readonly lines: readonly string[]
  /** The MAP and KEY lines that hold for it, as served. */
  readonly shared: readonly string[]
  readonly isBreak: boolean
  /** Undefined in a hole. */
  readonly segment?: Bound
  /** When it was first named, in ms since the epoch; absent of segments that were archived before this was kept. */
  readonly namedAt?: number
  /** When it began to be live, in ms since the epoch, as far as that is told by when it came. */
  readonly cameFrom?: number
  readonly range?: MediaRange
  /** What the encoder called its segment. */
  readonly uri: string
  /** What followed it was taken out of the recording. */
  readonly isCutBehind?: true
  /** Up to this number no list that is known has what followed it; what of that is found by name is put there. */
  readonly lostTo?: number
  /** The encoder never had it, or what it needs is missing: nothing that comes later fills it. */
  readonly isGap: boolean
  /** Its MAP is missing, and so is that of what follows it unnamed. */
  readonly lacksMap?: true
  /** The encoder's own number, where a key may take its vector from it. */
  readonly counted?: number
  /** Only uploads that began with this id or later belong to its run. */
  readonly from: string
  /** Nothing that was uploaded from this id on is of the life before, which this is the first entry behind. */
  readonly lifeBeforeTo?: string
  /** Its segment came when the hole had left the encoder's list, or was never named: who follows the recording does not see it. */
  readonly added?: 'late' | 'unnamed'
}

/** What is written anew where the entry goes, or holds at the live edge only. */
const LEFT_OUT = [
  '#EXT-X-MAP',
  '#EXT-X-KEY',
  '#EXT-X-DISCONTINUITY',
  '#EXT-X-GAP',
  '#EXT-X-BYTERANGE',
  '#EXT-X-PART',
  '#EXT-X-PRELOAD-HINT',
  '#EXT-X-RENDITION-REPORT',
]

/** The entries of a playlist's newest version that are numbered from `from` on and below `to`, as the archive keeps them. */
export function archivedEntries(
  { timeline }: Pick<MediaRecord, 'timeline'>,
  scanned: ScannedPlaylist,
  lookup: UriLookup,
  { from, to }: { readonly from: number; readonly to: number },
): ArchivedEntry[] {
  const sites = sharedSites(scanned)
  const carried = new Map(scanned.carried.map(({ line, text }) => [line, text]))
  return timeline.entries.flatMap((entry, index) => {
    const words = scanned.entries[index]
    if (words === undefined || entry.number < from || entry.number >= to) return []
    const own = sites[index] ?? []
    // The encoder counts on its own: where a key leaves the vector to the number, that one is meant.
    const iv = entry.number - timeline.run.offset
    const shared = own.map((site) =>
      sharedLine(scanned.lines[site.line] ?? carried.get(site.line) ?? '', site, entry, lookup, iv),
    )
    const lacksMap = own.some(({ role, uri }) => role === 'map' && sharedBinding(entry, uri) === undefined)
    return [
      {
        number: entry.number,
        lines: ownLines(scanned, words, entry, lookup),
        shared,
        isBreak: isBreak(entry),
        uri: entry.uri,
        isGap: words.isGap || lacksMap,
        ...(lacksMap ? { lacksMap } : {}),
        ...lifeOf(timeline.run, entry),
        namedAt: entry.namedAt,
        ...(entry.segment === undefined ? {} : { segment: entry.segment }),
        ...(words.range === undefined ? {} : { range: words.range }),
        ...(own.some(({ role }) => role === 'key') ? { counted: iv } : {}),
      },
    ]
  })
}

function ownLines(
  { lines, uris }: ScannedPlaylist,
  { firstLine, uriLine }: ScannedEntry,
  entry: TimelineEntry,
  lookup: UriLookup,
): string[] {
  return lines.slice(firstLine, uriLine).flatMap((line, index) => {
    if (!isEntryLine(line.trim()) || LEFT_OUT.some((tag) => hasTag(line, tag))) return []
    const site = line.includes('URI=') ? uris.find((each) => each.line === firstLine + index) : undefined
    return [site === undefined ? withDuration(line, entry) : withUri(line, site, lookup.passedOn(site.uri))]
  })
}

/** The life of the encoder that an entry is of. */
function lifeOf(run: Run, { number }: TimelineEntry): Pick<ArchivedEntry, 'from' | 'lifeBeforeTo'> {
  const own = run.appended?.findLast((life) => life.number <= number)
  const isFirst = number === (own?.number ?? run.firstNumber)
  const lifeBeforeTo = own === undefined ? run.runBeforeTo : own.lifeBeforeTo
  return { from: own?.from ?? run.from, ...(isFirst && lifeBeforeTo !== undefined ? { lifeBeforeTo } : {}) }
}
