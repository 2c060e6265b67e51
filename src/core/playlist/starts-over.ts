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

/** Without times: a run that starts over has sent its init section, and most of its segments, again. */
export function startsOver(
  timeline: Timeline,
  version: TimelineVersion,
  pairs: readonly Pair[],
  ahead: number,
  sentSince: SentSince,
): boolean {
  const bound = pairs.map(({ known }) => known).filter(({ segment }) => segment !== undefined)
  const newest = bound.at(-1)
  // Where a list has names twice, one that comes again is the next of its kind.
  if (newest === undefined || (ahead >= 0 && hasNameTwice(version.entries))) return false
  const isSent = (known: TimelineEntry | undefined) =>
    known !== undefined && sentSince(known.uri, known.segment) === 'other'
  if (ahead > 0 && ![newest, bound[0], bound[bound.length >> 1]].some(isSent)) return false
  // What comes later than a playlist is not of the playlist's run.
  const isOther = (uri: string, own: Bound | null) => own !== null && sentSince(uri, own, version.id) === 'other'
  if (ahead <= 0 && newest.shared.some((each) => isOther(each.uri, each.bound))) return true
  // One file that comes again is a repair, or a request that was sent twice; what comes for a hole may just be late.
  const isFirst = version.entries[0]?.number === timeline.run.firstNumber - timeline.run.offset
  const looked = isFirst && ahead <= 0 ? pairs.map(({ known }) => known) : bound
  const sent = looked.filter(({ uri, segment }) => sentSince(uri, segment) !== 'no')
  const again = sent.length
  if (again < (isFirst && ahead <= 0 ? 1 : 2) || !sent.some(({ segment }) => segment !== undefined)) return false
  if (ahead > 0 && !isFirst) return again === looked.length && again >= LAST_SENT
  // What it sent while we were down did not come.
  if (ahead > 0 && sent.length >= LAST_SENT && looked.slice(-LAST_SENT).every((known) => sent.includes(known)))
    return true
  const isMost = again * 2 > looked.length
  return ahead < 0 ? again * 2 >= looked.length : isMost && (ahead > 0 || isSent(newest))
}
