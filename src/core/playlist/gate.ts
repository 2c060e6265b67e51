import { earliest, hasPassed } from '../elapsed.ts'
import { MAX_GATE_WAIT_MS } from '../limits.ts'
import type { ScannedPlaylist } from './scan.ts'
import { sharedSites } from './shared.ts'
import { sharedBinding, type Timeline, type TimelineEntry } from './timeline.ts'

/** What of a list may be served. */
export interface Gate {
  /** For each entry that is served, from the first on, whether its segment is missing. */
  readonly shown: readonly { readonly isMissing: boolean }[]
  /** Nothing is held back for the sake of an entry that may still come. */
  readonly isComplete: boolean
  /** When the next entry will have been awaited long enough, in ms since the epoch. */
  readonly wakeAt: number | undefined
}

/**
 * The list up to the first entry that is still awaited. An entry is awaited for one target duration; then the list goes on
 * with a hole in its place, or ends before it while nothing follows (an ended list shows it as a hole). What was served up
 * to the number `servedLast` is not awaited again.
 */
export function gate(timeline: Timeline, scanned: ScannedPlaylist, servedLast: number, now: number): Gate {
  const wait = waitOf(timeline)
  const shared = sharedSites(scanned)
  const shown: { isMissing: boolean }[] = []
  const deadlines: number[] = []
  for (const [index, entry] of timeline.entries.entries()) {
    const isLate = entry.number <= servedLast || hasPassed(entry.namedAt, wait, now)
    const isMissing = !isReady(entry, scanned.entries[index]?.isGap === true, shared[index] ?? [], isLate)
    if (isMissing && !isLate) deadlines.push(entry.namedAt + wait)
    if (deadlines.length === 0) shown.push({ isMissing })
  }
  const isComplete = deadlines.length === 0
  if (!isComplete || !timeline.hasEndlist) while (shown.at(-1)?.isMissing === true) shown.pop()
  return { shown, isComplete, wakeAt: earliest(deadlines) }
}

/** How long an entry is awaited, in ms: a target duration. */
export function waitOf({ targetDuration }: Timeline): number {
  return Math.min(targetDuration * 1000, MAX_GATE_WAIT_MS)
}

/** A key that does not come may be served elsewhere: players find out. */
function isReady(
  entry: TimelineEntry,
  isGap: boolean,
  sites: readonly { readonly role: string; readonly uri: string }[],
  isLate: boolean,
): boolean {
  if (entry.segment === undefined && !isGap) return false
  return sites.every(({ role, uri }) => sharedBinding(entry, uri) !== undefined || (role === 'key' && isLate))
}
