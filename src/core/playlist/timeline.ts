import { MAX_GONE_SEGMENTS } from '../limits.ts'
import type { ScannedEntry } from './scan.ts'

/** What a URI was bound to: a stored name, and the upload of it that was meant. */
export interface Bound {
  readonly stored: string
  /** Id of the upload. */
  readonly id: string
}

/** An entry of the newest accepted version of a media playlist. */
export interface TimelineEntry {
  /** Media sequence number as served. */
  readonly number: number
  readonly uri: string
  /** As the encoder wrote it first, which is how it is served. */
  readonly identity: string
  /** As it wrote it last, where it corrected the duration since. */
  readonly corrected?: string
  /** EXT-X-PROGRAM-DATE-TIME in ms since the epoch. */
  readonly dateTime: number | undefined
  readonly isDiscontinuity: boolean
  /** It needs a discontinuity that the encoder did not write: a new run begins with it, or numbers were left out. */
  readonly isJoint: boolean
  /** When it was first named, in ms since the epoch. */
  readonly namedAt: number
  /** Its segment; undefined while it is awaited. */
  readonly segment: Bound | undefined
  /** The MAP and KEY URIs that hold for it, as far as they are settled. */
  readonly shared: readonly SharedBinding[]
}

/** What a MAP or KEY URI is bound to, as written; null: it is passed on as it is. */
export interface SharedBinding {
  readonly role: 'map' | 'key'
  readonly uri: string
  readonly bound: Bound | null
}

/** The binding of a MAP or KEY URI for an entry; undefined while it is awaited. */
export function sharedBinding(entry: TimelineEntry, uri: string): SharedBinding | undefined {
  return entry.shared.find((shared) => shared.uri === uri)
}

/** What the encoder numbers in one go, in one life or, where it appends, in several. */
export interface Run {
  /** Served number less the encoder's own. */
  readonly offset: number
  /** Served number of its first entry. */
  readonly firstNumber: number
  /** Only uploads that began with this id or later belong to it; empty in the first run. */
  readonly from: string
  /** Id of the newest upload that is known to be of the run before; undefined in the first run. */
  readonly after?: string
  /** Nothing that was uploaded from this id on is of the run before: somebody sent its names anew, maybe another run. */
  readonly runBeforeTo?: string
  /** Id of the list that began it: one that was sent before says nothing new. */
  readonly listed: string
  /** Nothing of it has come yet: all that is known is where the run before ended. */
  readonly isVague?: true
  /** Where it went on after a pause. */
  readonly appended?: readonly Appending[]
}

/** A life of the encoder that goes on where the one before ended. */
export interface Appending {
  /** Served number of its first entry. */
  readonly number: number
  /** Only uploads that began with this id or later belong to it. */
  readonly from: string
  /** When the encoder asked for its own words to go on from, in ms since the epoch. */
  readonly askedAt: number
  /** Nothing that was uploaded from this id on is of the life before: somebody sent its names anew. */
  readonly lifeBeforeTo?: string
}

/** A URI of a segment, and the stored name that it was bound to, or when a hole was first named, in ms since the epoch. */
export type GoneSegment = { readonly uri: string } & ({ readonly stored: string } | { readonly namedAt: number })

/** What is known of a media playlist over all its versions. */
export interface Timeline {
  readonly run: Run
  /** Id of the newest accepted version's upload. */
  readonly acceptedId: string
  /** When it was accepted, in ms since the epoch. */
  readonly acceptedAt: number
  readonly entries: readonly TimelineEntry[]
  /** Segments of the run that are not among the entries any more; a run that sends them again is the next one. */
  readonly gone: readonly GoneSegment[]
  readonly hasEndlist: boolean
  /** Discontinuities that have left the list (RFC 8216bis section 4.4.3.3). */
  readonly discontinuitiesBefore: number
  /** The highest EXT-X-TARGETDURATION so far, in s. */
  readonly targetDuration: number
  /** It is that of a list in the store: its encoder has sent nothing here yet. */
  readonly isTakenUp?: true
}

/** Before the first version. */
export const EMPTY_TIMELINE: Timeline = {
  run: { offset: 0, firstNumber: 0, from: '', listed: '' },
  acceptedId: '',
  acceptedAt: 0,
  entries: [],
  gone: [],
  hasEndlist: false,
  discontinuitiesBefore: 0,
  targetDuration: 0,
}

/** A moment when an encoder asked for its own words: an id among those of uploads, and in ms since the epoch. */
export interface Asked {
  readonly id: string
  readonly at: number
}

/** A version of a playlist as the timeline takes it in. */
export interface TimelineVersion {
  /** Id of its upload. */
  readonly id: string
  /** When it came, in ms since the epoch. */
  readonly cameAt: number
  readonly entries: readonly ScannedEntry[]
  /** Date-time of each entry, in ms since the epoch. */
  readonly dateTimes: readonly (number | undefined)[]
  readonly hasEndlist: boolean
  /** It begins like the list that was accepted last, before the entries that are here. */
  readonly isContinued: boolean
  /** In s; 0 when it is not written. */
  readonly targetDuration: number
  readonly discontinuitySequence: number
  /** The encoder's number of the first entry, or of what would be the first. */
  readonly mediaSequence: number
  /** When the encoder first asked for its own words since the newest version; undefined: it did not. */
  readonly asked: Asked | undefined
}

/**
 * Takes in a version whose numbers are the timeline's less `offset`. Entries that were known keep what they were bound to; what
 * stands before the first of them is left out, since EXT-X-MEDIA-SEQUENCE never goes back.
 */
export function advance(
  timeline: Timeline,
  version: TimelineVersion,
  step: { readonly run: Run; readonly joint: number | undefined },
  now: number,
): Timeline {
  const { run, joint } = step
  const known = new Map(timeline.entries.map((entry) => [entry.number, entry]))
  const least = timeline.entries[0]?.number ?? 0
  const entries = version.entries.flatMap((entry, index): TimelineEntry[] => {
    const number = entry.number + run.offset
    if (number < least) return []
    const before = known.get(number)
    const { uri, identity, isDiscontinuity } = entry
    const dateTime = version.dateTimes[index]
    if (before !== undefined) return [{ ...before, uri, dateTime, ...correctionOf(before, identity) }]
    const isJoint = number === joint
    return [{ number, uri, identity, dateTime, isDiscontinuity, isJoint, namedAt: now, segment: undefined, shared: [] }]
  })
  const first = entries[0]?.number ?? timeline.entries[0]?.number ?? 0
  const left = timeline.entries.filter(({ number }) => number < first)
  return {
    run,
    acceptedId: version.id > timeline.acceptedId ? version.id : timeline.acceptedId,
    acceptedAt: now,
    entries,
    gone: joint === run.firstNumber ? [] : gone(timeline.gone, left),
    hasEndlist: version.hasEndlist,
    discontinuitiesBefore: Math.max(
      timeline.discontinuitiesBefore + left.filter(isBreak).length,
      version.discontinuitySequence,
    ),
    targetDuration: Math.max(timeline.targetDuration, version.targetDuration),
  }
}

function correctionOf({ identity }: TimelineEntry, now: string): Pick<TimelineEntry, 'corrected'> {
  return now === identity ? {} : { corrected: now }
}

/** Whether an entry is the one that is known: the encoder may have corrected its duration. */
export function isSameEntry({ identity }: ScannedEntry, known: TimelineEntry): boolean {
  return identity === known.identity || identity === known.corrected
}

/** Remembers entries that leave: the first of a run, and the last. */
export function gone(before: readonly GoneSegment[], entries: readonly TimelineEntry[]): readonly GoneSegment[] {
  const named = entries.map(({ uri, segment, namedAt }) => ({
    uri,
    ...(segment === undefined ? { namedAt } : { stored: segment.stored }),
  }))
  const all = [...before, ...named]
  const half = MAX_GONE_SEGMENTS / 2
  return all.length <= 2 * half ? all : [...all.slice(0, half), ...all.slice(-half)]
}

/** Whether a discontinuity stands before an entry, the encoder's or ours. */
export function isBreak({ isDiscontinuity, isJoint }: TimelineEntry): boolean {
  return isDiscontinuity || isJoint
}
