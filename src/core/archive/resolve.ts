import { hasPassed } from '../elapsed.ts'
import { GAP_MEND_MS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { ArchivedEntry } from './archived-entry.ts'
import { durationOf } from './entry-times.ts'
import { LateSegments } from './late-segments.ts'
import { boundUploads, endsOfLives } from './lives.ts'
import type { SegmentDurations } from './segment-durations.ts'
import { type Unnamed, type UnnamedParts, UnnamedSegments, withSeconds } from './unnamed.ts'

/** Entries of a recording with all that is known to belong to them. */
export interface Resolved {
  readonly entries: readonly ArchivedEntry[]
  /** Left out until it was read how long they play. */
  readonly unread: readonly Unnamed[]
  /** Something is missing that may still come. */
  readonly hasHoles: boolean
}

/** What entries are resolved by. */
export interface Resolving extends UnnamedParts {
  readonly durations: SegmentDurations
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Adds what no playlist named, as far as it is known how long that plays, and fills holes with what came late. */
export function resolveEntries(named: readonly ArchivedEntry[], parts: Resolving): Resolved {
  const { lookup, end, now, isKnown } = parts
  const unnamed = new UnnamedSegments(named, parts)
  const found = named.map((_, index) => unnamed.after(index))
  const bound = new Set([...boundUploads(named), ...found.flatMap((all) => all.map(({ entry }) => entry.segment?.id))])
  const late = new LateSegments(lookup, endsOfLives(named, end), (id) => bound.has(id) || isKnown(id))
  const unread: Unnamed[] = []
  let hasHoles = false
  const entries = named.flatMap((entry, index): ArchivedEntry[] => {
    const segment = entry.segment ?? (entry.isGap ? undefined : late.of(entry, index))
    if (segment === undefined && mayBeFilled(entry, lookup, now)) hasHoles = true
    const behind = (found[index] ?? []).flatMap((each) => {
      const told = parts.durations.of(each.object)
      if (told === undefined) unread.push(each)
      return told === undefined || told === 'gone' ? [] : [withSeconds(each.entry, told ?? durationOf(entry))]
    })
    return [
      segment === undefined || segment === entry.segment ? entry : { ...entry, segment, added: 'late' },
      ...behind,
    ]
  })
  return { entries: withArrivals(entries), unread, hasHoles }
}

/** A hole of a byte range is filled when its body ends, however late. */
export function mayBeFilled(
  { isGap, range, uri, namedAt = 0 }: ArchivedEntry,
  lookup: UriLookup,
  now: number,
): boolean {
  if (isGap || !hasPassed(namedAt, GAP_MEND_MS, now)) return !isGap
  if (range === undefined) return false
  const { open, versions } = lookup.find(uri)
  return open.length > 0 || versions.some(({ object }) => object.isOpen === true)
}

/** With when each was live as far as it is told by when it came: those that were first named together ended there, one after the other. */
function withArrivals(entries: readonly ArchivedEntry[]): ArchivedEntry[] {
  let [namedAt, ms]: [number | undefined, number] = [undefined, 0]
  const backwards = entries.toReversed().map((entry) => {
    ms = entry.namedAt === namedAt ? ms : 0
    namedAt = entry.namedAt
    ms += 1_000 * durationOf(entry)
    return namedAt === undefined ? entry : { ...entry, cameFrom: namedAt - ms }
  })
  return backwards.toReversed()
}
