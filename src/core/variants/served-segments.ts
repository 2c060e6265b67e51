import { type ScannedPlaylist, scanLines, splitLines } from '../playlist/scan.ts'
import { sharedSites } from '../playlist/shared.ts'
import { lastServed, type MediaRecord } from '../playlist-record.ts'
import { storedPath } from '../uri.ts'

/** Bytes of a stored name: all, or a part. */
export interface StoredRange {
  readonly stored: string
  readonly range: { readonly start: number; readonly end: number } | undefined
}

/** A segment as the served text has it. */
export interface ServedSegment extends StoredRange {
  /** As its EXTINF says. */
  readonly seconds: number
  readonly init: StoredRange | undefined
  readonly isEncrypted: boolean
}

/** Whether nothing of the newest accepted version is served yet: an encoder that starts over names its segments before they come. */
export function isNothingServed({ timeline, served }: MediaRecord): boolean {
  const [first] = timeline.entries
  return served !== undefined && first !== undefined && first.number > lastServed({ served })
}

/** The segments of the served text without its sealed beginning, where a hole is undefined. */
export function servedSegments(name: string, { served }: MediaRecord): readonly (ServedSegment | undefined)[] {
  if (served === undefined) return []
  const scanned = scanLines(splitLines(served.head + served.entries.join('') + served.foot))
  return scanned.entries.map((_, index) => segmentAt(name, scanned, index))
}

function segmentAt(name: string, scanned: ScannedPlaylist, index: number): ServedSegment | undefined {
  const entry = scanned.entries[index]
  if (entry === undefined || entry.isGap) return undefined
  const sites = sharedSites(scanned)[index] ?? []
  const map = sites.find(({ role }) => role === 'map')
  return {
    stored: storedPath(name, entry.uri),
    range: entry.range,
    seconds: Number.parseFloat(entry.identity) || 0,
    init: map && { stored: storedPath(name, map.uri), range: map.range },
    isEncrypted: sites.some(({ role }) => role === 'key'),
  }
}
