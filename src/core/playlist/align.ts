import { OLD_VERSION_MS } from '../limits.ts'
import { hasNameTwice, type ScannedEntry } from './scan.ts'
import type { Bound, Run, Timeline, TimelineEntry, TimelineVersion } from './timeline.ts'

/**
 * How a version stands to what is known. Connections overtake each other, so what it says decides, not when it came:
 * `follows`: it goes on (joint: at a number that needs a DISCONTINUITY); `older`: a newer one was accepted, and unless
 * `isCertain` it may still prove to be a restart whose segments are on their way; `restarts`: a new run of the encoder.
 */
export type Alignment =
  | { readonly kind: 'follows'; readonly run: Run; readonly joint: number | undefined }
  | { readonly kind: 'older'; readonly isCertain: boolean }
  | { readonly kind: 'restarts'; readonly run: Run; readonly joint: number }

/**
 * Whether a file was uploaded, or uploaded again, since the newest accepted version; `other`: not with the bytes bound. Only
 * uploads that began before the id `until` count where one is given.
 */
export type SentSince = (uri: string, bound: Bound | undefined, until?: string) => 'no' | 'same' | 'other'

/** The last segments of a list that tell a new run when all of them were sent again. */
const LAST_SENT = 3

/** Finds out how a version stands to the timeline. */
export function align(timeline: Timeline, version: TimelineVersion, sentSince: SentSince): Alignment {
  const alignment = alignNumbers(timeline, version, sentSince)
  if (alignment.kind === 'older') return tooLate(timeline, version, alignment) ?? alignment
  if (alignment.kind === 'restarts') return alignment
  return { ...alignment, run: appendedRun(timeline, version, alignment.run) ?? alignment.run }
}

/** An old version is not on its way for so long: this one begins a new run. */
function tooLate(
  timeline: Timeline,
  { entries, cameAt }: TimelineVersion,
  { isCertain }: { readonly isCertain: boolean },
): Alignment | undefined {
  const [first] = entries
  const last = timeline.entries.at(-1)
  const isLate = !isCertain && cameAt > timeline.acceptedAt + OLD_VERSION_MS
  return isLate && first !== undefined && last !== undefined ? restarts(timeline, first, last) : undefined
}

/** An encoder that appends asks for its own words, and marks its first entry with a discontinuity. */
function appendedRun({ entries }: Timeline, { askedId, entries: named }: TimelineVersion, run: Run): Run | undefined {
  const last = entries.at(-1)
  const next = named.find(({ number }) => number + run.offset > (last?.number ?? Number.POSITIVE_INFINITY))
  if (askedId === undefined || next?.isDiscontinuity !== true) return undefined
  const number = next.number + run.offset
  const first = (named[0]?.number ?? 0) + run.offset
  // Of the lives that have left the list only the last matters: its entries may still stand there.
  const left = (run.appended ?? []).filter((_, index, all) => (all[index + 1]?.number ?? number) > first)
  return { ...run, appended: [...left, { number, from: askedId }] }
}

function alignNumbers(timeline: Timeline, version: TimelineVersion, sentSince: SentSince): Alignment {
  const { run } = timeline
  const first = version.entries[0]
  const last = timeline.entries.at(-1)
  if (last === undefined) return { kind: 'follows', run: firstRun(timeline, first), joint: undefined }
  if (first === undefined) return { kind: 'older', isCertain: true }
  const overlap = overlapOf(timeline.entries, version, run.offset)
  if (overlap.differs) return slidOrRestarts(timeline, version, last)
  if (overlap.pairs.length > 0) return sameEntries(timeline, version, overlap.pairs, last, sentSince)
  const gap = first.number + run.offset - last.number - 1
  if (gap >= 0 && isPast(timeline, version, last)) return { kind: 'older', isCertain: true }
  if (gap >= 0) return { kind: 'follows', run, joint: gap > 0 ? first.number + run.offset : undefined }
  const isLater = isLaterBefore(version, last, sentSince)
  return isLater === true ? restarts(timeline, first, last) : { kind: 'older', isCertain: isLater === false }
}

/** Whether a version whose numbers all lie before the list is later all the same; undefined: that may still show. */
function isLaterBefore(
  { entries, dateTimes }: TimelineVersion,
  last: TimelineEntry,
  sentSince: SentSince,
): boolean | undefined {
  const end = dateTimes.at(-1)
  if (end !== undefined && last.dateTime !== undefined) return end > last.dateTime
  const sent = entries.map(({ uri }) => sentSince(uri, undefined) !== 'no')
  const isMost = sent.filter((isSent) => isSent).length * 2 >= sent.length
  return isMost || sent.at(-1) === true ? true : undefined
}

/** A playlist of the run before has later numbers than this run, and earlier times. */
function isPast({ run }: Timeline, { dateTimes }: TimelineVersion, last: TimelineEntry): boolean {
  const first = dateTimes[0]
  return run.from !== '' && first !== undefined && last.dateTime !== undefined && first < last.dateTime
}

/** The encoder's own numbers, until it starts over. */
function firstRun({ run, entries }: Timeline, first: ScannedEntry | undefined): Run {
  return entries.length === 0 && first !== undefined ? { ...run, firstNumber: first.number + run.offset } : run
}

interface Pair {
  readonly entry: ScannedEntry
  readonly dateTime: number | undefined
  readonly known: TimelineEntry
}

interface Overlap {
  readonly pairs: readonly Pair[]
  /** An entry has another URI, duration or range than was known under its number. */
  readonly differs: boolean
}

function overlapOf(entries: readonly TimelineEntry[], version: TimelineVersion, offset: number): Overlap {
  const byNumber = new Map(entries.map((entry) => [entry.number, entry]))
  const pairs = version.entries.flatMap((entry, index): Pair[] => {
    const known = byNumber.get(entry.number + offset)
    return known === undefined ? [] : [{ entry, dateTime: version.dateTimes[index], known }]
  })
  return { pairs, differs: pairs.some(({ entry, known }) => entry.identity !== known.identity) }
}

/** Another segment under a known number: the list slid and its numbers did not (single files), or the encoder started over. */
function slidOrRestarts(timeline: Timeline, version: TimelineVersion, last: TimelineEntry): Alignment {
  const first = version.entries[0]
  if (first === undefined) return { kind: 'older', isCertain: true }
  const slidTo = timeline.entries.find(({ identity }) => identity === first.identity)
  if (slidTo !== undefined) {
    const offset = slidTo.number - first.number
    const { pairs, differs } = overlapOf(timeline.entries, version, offset)
    if (!differs && !pairs.some(isOtherTime)) {
      return { kind: 'follows', run: { ...timeline.run, offset }, joint: undefined }
    }
  }
  return restarts(timeline, first, last)
}

/** The same segments under the same numbers: their times, and what was sent again, tell an old version from a restart. */
function sameEntries(
  timeline: Timeline,
  version: TimelineVersion,
  pairs: readonly Pair[],
  last: TimelineEntry,
  sentSince: SentSince,
): Alignment {
  const { run } = timeline
  const [first] = version.entries
  const end = version.entries.at(-1)
  if (first === undefined || end === undefined) return { kind: 'older', isCertain: true }
  const ahead = end.number + run.offset - last.number
  if (pairs.some(isOtherTime)) {
    // libavformat of 2018 counts the times of old entries anew when it appends, and marks the joint.
    const next = version.entries.find(({ number }) => number + run.offset === last.number + 1)
    return next?.isDiscontinuity === true ? { kind: 'follows', run, joint: undefined } : restarts(timeline, first, last)
  }
  const isTimed = pairs.some(({ dateTime, known }) => dateTime !== undefined && known.dateTime !== undefined)
  const isAppended = appendedRun(timeline, version, run) !== undefined
  if (!isTimed && !isAppended && !version.isContinued && startsOver(timeline, version, pairs, ahead, sentSince))
    return restarts(timeline, first, last)
  // MEDIA-SEQUENCE never goes back.
  const beginsEarlier = first.number + run.offset < (timeline.entries[0]?.number ?? 0)
  const lacksEnd = timeline.hasEndlist && !version.hasEndlist
  const isOlder = ahead < 0 || (ahead === 0 && (lacksEnd || beginsEarlier))
  return isOlder ? { kind: 'older', isCertain: isTimed } : { kind: 'follows', run, joint: undefined }
}

/** Without times: a run that starts over has sent its init section, and most of its segments, again. */
function startsOver(
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

/** Times are rounded, and may be off a little; a restart puts them off by what was recorded before it. */
function isOtherTime({ entry, dateTime, known }: Pair): boolean {
  if (dateTime === undefined || known.dateTime === undefined) return false
  const duration = Number.parseFloat(entry.identity)
  return Math.abs(dateTime - known.dateTime) > (duration * 1000) / 2
}

function restarts(timeline: Timeline, first: ScannedEntry, last: TimelineEntry): Alignment {
  const firstNumber = last.number + 1
  const run = { offset: firstNumber - first.number, firstNumber, from: timeline.acceptedId }
  return { kind: 'restarts', run, joint: firstNumber }
}
