import { OLD_VERSION_MS } from '../limits.ts'
import { hasOtherInit, type Pair, type SentSince, startsOver } from './starts-over.ts'
import {
  type GoneSegment,
  isSameEntry,
  type Run,
  type Timeline,
  type TimelineEntry,
  type TimelineVersion,
} from './timeline.ts'

/**
 * How a version stands to what is known. Connections overtake each other, so what it says decides, not when it came:
 * `follows`: it goes on (joint: at a number that needs a DISCONTINUITY); `older`: a newer one was accepted, and unless
 * `isCertain` it may still prove to be a restart whose segments are on their way; `restarts`: a new run of the encoder.
 */
export type Alignment =
  | { readonly kind: 'follows'; readonly run: Run; readonly joint: number | undefined }
  | { readonly kind: 'older'; readonly isCertain: boolean }
  | { readonly kind: 'restarts'; readonly run: Run; readonly joint: number }

/** Finds out how a version stands to the timeline. */
export function align(timeline: Timeline, version: TimelineVersion, sentSince: SentSince): Alignment {
  const alignment = alignNumbers(timeline, version, sentSince)
  if (alignment.kind === 'older') return tooLate(timeline, version, alignment, sentSince) ?? alignment
  if (alignment.kind === 'restarts') return alignment
  return { ...alignment, run: appendedRun(timeline, version, alignment.run) ?? alignment.run }
}

/** An old version is not on its way for so long: one whose files came since begins a new run. */
function tooLate(
  timeline: Timeline,
  version: TimelineVersion,
  { isCertain }: { readonly isCertain: boolean },
  sentSince: SentSince,
): Alignment | undefined {
  const [first] = version.entries
  const last = timeline.entries.at(-1)
  const isLate = !isCertain && version.cameAt > timeline.acceptedAt + OLD_VERSION_MS
  return isLate && wasSent(version, sentSince) && first !== undefined && last !== undefined
    ? restarts(timeline, version, last)
    : undefined
}

/** Whether something that a version names came since the newest accepted one. */
function wasSent({ entries }: TimelineVersion, sentSince: SentSince): boolean {
  return entries.some(({ uri }) => sentSince(uri, undefined) !== 'no')
}

/** An encoder that appends asks for its own words, and marks its first entry with a discontinuity. */
function appendedRun({ entries }: Timeline, { asked, entries: named }: TimelineVersion, run: Run): Run | undefined {
  const last = entries.at(-1)
  const next = named.find(({ number }) => number + run.offset > (last?.number ?? Number.POSITIVE_INFINITY))
  if (asked === undefined || next?.isDiscontinuity !== true) return undefined
  const number = next.number + run.offset
  const first = (named[0]?.number ?? 0) + run.offset
  // Of the lives that have left the list only the last matters: its entries may still stand there.
  const left = (run.appended ?? []).filter((_, index, all) => (all[index + 1]?.number ?? number) > first)
  return { ...run, appended: [...left, { number, from: asked.id, askedAt: asked.at }] }
}

function alignNumbers(timeline: Timeline, version: TimelineVersion, sentSince: SentSince): Alignment {
  const { run } = timeline
  const first = version.entries[0]
  const last = timeline.entries.at(-1)
  // It was long on its way: the run before sent it, or this one before the list that began it.
  if (version.id < run.listed) return { kind: 'older', isCertain: true }
  if (last === undefined) return { kind: 'follows', run: firstRun(run, version), joint: undefined }
  if (first === undefined) return { kind: 'older', isCertain: true }
  const overlap = overlapOf(timeline.entries, version, run.offset)
  if (overlap.differs && !isCorrected(overlap, version, last, sentSince)) return slidOrRestarts(timeline, version, last)
  if (overlap.pairs.length > 0) return sameEntries(timeline, version, overlap.pairs, last, sentSince)
  const gap = first.number + run.offset - last.number - 1
  if (gap >= 0 && isPast(timeline, version, last) && !wasSent(version, sentSince)) {
    return { kind: 'older', isCertain: true }
  }
  if (gap >= 0 && isRenewed(timeline, version, sentSince)) return restarts(timeline, version, last)
  if (gap >= 0) return { kind: 'follows', run, joint: gap > 0 ? first.number + run.offset : undefined }
  const isLater = isLaterBefore(timeline, version, last, sentSince)
  return isLater === true ? restarts(timeline, version, last) : { kind: 'older', isCertain: isLater === false }
}

/** Whether a version whose numbers all lie before the list is later all the same; undefined: that may still show. */
function isLaterBefore(
  { gone }: Timeline,
  { entries, dateTimes, cameAt }: TimelineVersion,
  last: TimelineEntry,
  sentSince: SentSince,
): boolean | undefined {
  const end = dateTimes.at(-1)
  if (end !== undefined && last.dateTime !== undefined) return end > last.dateTime
  // What comes for a hole that has left the list may just be late.
  const isLateFor = (each: GoneSegment) => 'namedAt' in each && cameAt <= each.namedAt + OLD_VERSION_MS
  const holes = new Set(gone.filter(isLateFor).map(({ uri }) => uri))
  const sent = entries.map(({ uri }) => !holes.has(uri) && sentSince(uri, undefined) !== 'no')
  const isMost = sent.filter((isSent) => isSent).length * 2 >= sent.length
  return isMost || sent.at(-1) === true ? true : undefined
}

/** A playlist of the run before has later numbers than this run, and earlier times. */
function isPast({ run }: Timeline, { dateTimes }: TimelineVersion, last: TimelineEntry): boolean {
  const first = dateTimes[0]
  return run.from !== '' && first !== undefined && last.dateTime !== undefined && first < last.dateTime
}

/** Whether the list before was never heard to end: init section or key came anew, and the encoder marks no joint. */
function isRenewed({ entries }: Timeline, version: TimelineVersion, sentSince: SentSince): boolean {
  const newest = entries.findLast(({ segment }) => segment !== undefined)
  const isMarked = version.asked !== undefined || version.entries[0]?.isDiscontinuity === true
  return newest !== undefined && !isMarked && hasOtherInit(newest, version.id, sentSince)
}

/** The encoder's own numbers, until it starts over; those of a list without entries were served, too. */
function firstRun(run: Run, { id, mediaSequence }: TimelineVersion): Run {
  const offset = Math.max(run.offset, run.firstNumber - mediaSequence)
  return { ...run, offset, firstNumber: mediaSequence + offset, listed: id }
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
  return { pairs, differs: pairs.some(({ entry, known }) => !isSameEntry(entry, known)) }
}

/**
 * An encoder may correct the duration of its newest segment, in a version that may come before or after the one without: it
 * has not sent that segment again then.
 */
function isCorrected(
  { pairs }: Overlap,
  { entries }: TimelineVersion,
  last: TimelineEntry,
  sentSince: SentSince,
): boolean {
  const [other, ...more] = pairs.filter(({ entry, known }) => !isSameEntry(entry, known))
  if (other === undefined || more.length > 0) return false
  const { entry, known } = other
  const isNewest = known === last || entry === entries.at(-1)
  if (!isNewest || afterDuration(entry) !== afterDuration(known)) return false
  const isUnsent = ({ uri, segment }: TimelineEntry) => sentSince(uri, segment) === 'no'
  const others = pairs.flatMap((pair) => (pair.known === known ? [] : [pair.known]))
  // What comes for the first time tells nothing: the others do.
  return isUnsent(known) || (known.segment === undefined && others.length > 0 && others.every(isUnsent))
}

/** The range and URI of an entry. */
function afterDuration({ identity }: Pick<TimelineEntry, 'identity'>): string {
  return identity.slice(identity.indexOf(' '))
}

/** Another segment under a known number: the list slid and its numbers did not (single files), or the encoder started over. */
function slidOrRestarts(timeline: Timeline, version: TimelineVersion, last: TimelineEntry): Alignment {
  const first = version.entries[0]
  if (first === undefined) return { kind: 'older', isCertain: true }
  const slidTo = timeline.entries.find((known) => isSameEntry(first, known))
  if (slidTo !== undefined) {
    const offset = slidTo.number - first.number
    const { pairs, differs } = overlapOf(timeline.entries, version, offset)
    if (!differs && !hasOtherTimes(timeline, pairs)) {
      return { kind: 'follows', run: { ...timeline.run, offset }, joint: undefined }
    }
  }
  return restarts(timeline, version, last)
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
  if (hasOtherTimes(timeline, pairs)) {
    // libavformat of 2018 counts the times of old entries anew when it appends, and marks the joint.
    const next = version.entries.find(({ number }) => number + run.offset === last.number + 1)
    return next?.isDiscontinuity === true
      ? { kind: 'follows', run, joint: undefined }
      : restarts(timeline, version, last)
  }
  const isTimed = pairs.some(({ dateTime, known }) => dateTime !== undefined && known.dateTime !== undefined)
  const isAppended = appendedRun(timeline, version, run) !== undefined
  if (!isTimed && !isAppended && !version.isContinued && startsOver(timeline, version, pairs, ahead, sentSince))
    return restarts(timeline, version, last)
  // MEDIA-SEQUENCE never goes back.
  const beginsEarlier = first.number + run.offset < (timeline.entries[0]?.number ?? 0)
  const lacksEnd = timeline.hasEndlist && !version.hasEndlist
  const isOlder = ahead < 0 || (ahead === 0 && (lacksEnd || beginsEarlier))
  return isOlder ? { kind: 'older', isCertain: isTimed } : { kind: 'follows', run, joint: undefined }
}

/**
 * Whether times are off by more than a clock that is set right would put them: a restart puts them off by what was recorded
 * before it. They are rounded, too.
 */
function hasOtherTimes({ entries }: Timeline, pairs: readonly Pair[]): boolean {
  const recorded = (entries.at(-1)?.dateTime ?? 0) - (entries[0]?.dateTime ?? 0)
  return pairs.some(({ entry, dateTime, known }) => {
    if (dateTime === undefined || known.dateTime === undefined) return false
    const duration = Number.parseFloat(entry.identity) * 1000
    return Math.abs(dateTime - known.dateTime) > Math.max(duration / 2, recorded)
  })
}

function restarts(timeline: Timeline, { id, entries }: TimelineVersion, last: TimelineEntry): Alignment {
  const firstNumber = last.number + 1
  const offset = firstNumber - (entries[0]?.number ?? 0)
  const run = { offset, firstNumber, from: timeline.acceptedId, listed: id }
  return { kind: 'restarts', run, joint: firstNumber }
}
