import { OLD_VERSION_MS } from '../limits.ts'
import { hasNameTwice, type ScannedEntry } from './scan.ts'
import type { Bound, Timeline, TimelineEntry, TimelineVersion } from './timeline.ts'

/**
 * Whether a file was uploaded, or uploaded again, since the newest accepted version; `other`: not with the bytes bound. Only
 * uploads that began before the id `until` count where one is given.
 */
export type SentSince = (uri: string, bound: Bound | undefined, until?: string) => 'no' | 'same' | 'other'

/** An entry of a version, and what is known under its number. */
export interface Pair {
  readonly entry: ScannedEntry
  readonly dateTime: number | undefined
  readonly known: TimelineEntry
}

/** The last segments of a list that tell a new run when all of them were sent again. */
const LAST_SENT = 3

/**
 * Whether a version that names segments of a timeline is of a run that starts over, told without times: that run has sent its
 * init section, or most of its segments, again. One file that comes again is a repair, or a request that was sent twice.
 * `ahead`: how many numbers it goes further than the timeline.
 */
export function startsOver(
  timeline: Timeline,
  version: TimelineVersion,
  pairs: readonly Pair[],
  ahead: number,
  sentSince: SentSince,
): boolean {
  const known = pairs.map((pair) => pair.known)
  const bound = known.filter(({ segment }) => segment !== undefined)
  const newest = bound.at(-1)
  // Where a list has names twice, one that comes again is the next of its kind.
  if (ahead >= 0 && hasNameTwice(version.entries)) return false
  if (newest === undefined) return known.some((each) => hasOtherInit(each, version.id, sentSince))
  const isWhole = version.entries[0]?.number === timeline.run.firstNumber - timeline.run.offset
  const isPaused = version.cameAt > timeline.acceptedAt + OLD_VERSION_MS
  // The list may have been on its way while the next run sent its first segments.
  const sentBefore: SentSince = (uri, segment) => sentSince(uri, segment, version.id)
  const again = bound.filter((each) => wasSent(each, sentBefore))
  const isEnough = isRenewed(newest, sentBefore) || again.length >= LAST_SENT
  const isHalf = isEnough && again.length * 2 >= bound.length
  if (isPaused && isWhole && (isHalf || hasOtherInit(newest, version.id, sentSince))) return true
  if (ahead > 0 && isWhole && timeline.hasEndlist && bound.some((each) => isRenewed(each, sentBefore))) return true
  if (ahead > 0) return startsOverAhead(bound, isWhole, sentBefore)
  if (hasOtherInit(newest, version.id, sentSince)) return true
  // What comes for a hole may just be late, unless the list begins where its run did.
  const looked = isWhole ? known : bound
  const sent = looked.filter((each) => wasSent(each, sentSince))
  if (sent.length < (isWhole ? 1 : 2) || !sent.some(({ segment }) => segment !== undefined)) return false
  // Holes may have been filled with what the new run sent.
  if (isWhole && isRenewed(newest, sentSince) && hasEnd(bound, sent)) return true
  // One that was sent twice is not enough.
  const isNew = sent.length === looked.length || sent.some((each) => isRenewed(each, sentSince))
  if (ahead < 0) return isNew && sent.length * 2 >= looked.length
  return sent.length * 2 > looked.length && isRenewed(newest, sentSince)
}

/** The same of a version that goes further than the timeline: such a list mostly just goes on. */
function startsOverAhead(bound: readonly TimelineEntry[], isWhole: boolean, sentSince: SentSince): boolean {
  const some = [bound[0], bound[bound.length >> 1], bound.at(-1)].flatMap((each) => each ?? [])
  if (!some.some((each) => isRenewed(each, sentSince))) return false
  const sent = bound.filter((each) => wasSent(each, sentSince))
  if (!isWhole) return sent.length === bound.length && sent.length >= LAST_SENT
  // What was sent while we were down did not come.
  return hasEnd(bound, sent) || (sent.length > 1 && sent.length * 2 > bound.length)
}

/** Whether the last segments were all sent again. */
function hasEnd(bound: readonly TimelineEntry[], sent: readonly TimelineEntry[]): boolean {
  return sent.length >= LAST_SENT && bound.slice(-LAST_SENT).every((each) => sent.includes(each))
}

/** An init section or key came anew before the version: what comes later is not of the version's run. */
export function hasOtherInit({ shared }: TimelineEntry, until: string, sentSince: SentSince): boolean {
  return shared.some(({ uri, bound }) => bound !== null && sentSince(uri, bound, until) === 'other')
}

function wasSent({ uri, segment }: TimelineEntry, sentSince: SentSince): boolean {
  return sentSince(uri, segment) !== 'no'
}

function isRenewed({ uri, segment }: TimelineEntry, sentSince: SentSince): boolean {
  return sentSince(uri, segment) === 'other'
}
