import { hasPassed } from '../elapsed.ts'
import { GAP_MEND_MS } from '../limits.ts'
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
    if (segment === undefined && mayBeFilled(entry, now)) hasHoles = true
    const behind = (found[index] ?? []).flatMap((each) => {
      const told = parts.durations.of(each.object)
      if (told === undefined) unread.push(each)
      return told === undefined ? [] : [withSeconds(each.entry, told ?? durationOf(entry))]
    })
    return [
      segment === undefined || segment === entry.segment ? entry : { ...entry, segment, added: 'late' },
      ...behind,
    ]
  })
  return { entries, unread, hasHoles }
}

/** A hole of a byte range is filled when its body ends, however late. */
export function mayBeFilled({ isGap, range, namedAt = 0 }: ArchivedEntry, now: number): boolean {
  return !isGap && (range !== undefined || !hasPassed(namedAt, GAP_MEND_MS, now))
}
