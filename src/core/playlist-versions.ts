import { isBody, type Version as Upload } from './catalog.ts'
import { type Alignment, align } from './playlist/align.ts'
import { type Floor, fromFloor, isBelow, raisedStep } from './playlist/floor.ts'
import type { UriLookup } from './playlist/lookup.ts'
import type { ReadPlaylist } from './playlist/read.ts'
import { appended, begun, settled } from './playlist/run-uploads.ts'
import type { SealedPart } from './playlist/sealed-part.ts'
import type { SentSince } from './playlist/starts-over.ts'
import { type Asked, advance, EMPTY_TIMELINE, type Timeline, type TimelineVersion } from './playlist/timeline.ts'
import type { MediaRecord, PlaylistRecord } from './playlist-record.ts'
import type { Journal } from './ports.ts'
import { sealedEntries } from './sealed-list.ts'
import { inItsWords, sentHere } from './take-over/first-version.ts'

/** An upload of a media playlist that was read. */
export interface MediaVersion extends ReadPlaylist {
  readonly id: string
  readonly owner: string
  /** When it began to come, in ms since the epoch. */
  readonly cameAt: number
  readonly head: string
  readonly tail: string
  /** The sealed part that its entries follow; undefined when it was read as a whole. */
  readonly continues: SealedPart | undefined
}

/**
 * What an accepted version makes of a media playlist; `older`: nothing, since a newer one is known. `raisedTo`: it goes on from
 * another number, and is served from this one on.
 */
export type Advance = { readonly kind: 'older'; readonly isCertain: boolean } | Newer

/** A version that was taken in. */
export interface Newer {
  readonly kind: 'newer'
  readonly record: MediaRecord
  readonly isNewRun: boolean
  readonly raisedTo: number | undefined
}

/** What decides besides a version itself. */
export interface AdvanceRules {
  /** When its encoder asked for its own words since the newest version. */
  readonly asked: Asked | undefined
  /** Where the numbers go on when others may have served the list meanwhile. */
  readonly floor: Floor | undefined
  readonly now: number
}

/** Puts a version where it belongs among what is known: versions are ordered by what they say. */
export function advanceMedia(
  before: PlaylistRecord | undefined,
  version: MediaVersion,
  timeline: Timeline,
  lookup: UriLookup,
  { asked, floor, now }: AdvanceRules,
): Advance {
  const isRaised = floor !== undefined && isBelow(timeline, floor)
  const sent = versionOf(version, asked)
  const own = timeline.isTakenUp === true ? inItsWords(timeline, sent, lookup) : timeline
  const known = isRaised ? fromFloor(own, floor) : own
  const { entries, alignment } = aligned(known, sent, lookup)
  if (alignment.kind === 'older') return alignment
  const step = isRaised
    ? raisedStep(known, entries, alignment, floor, lookup)
    : { version: entries, run: alignment.run, joint: alignment.joint, raisedTo: undefined }
  const run =
    alignment.kind === 'restarts'
      ? begun(step.run, known, version, lookup, now)
      : appended(settled(step.run, version, lookup), known, lookup, now)
  const advanced = advance(known, step.version, { run, joint: step.joint }, now)
  const record = recordOf(before, version, known, advanced)
  return { kind: 'newer', record, isNewRun: alignment.kind === 'restarts', raisedTo: step.raisedTo }
}

/** How a version stands to what is known, and as what it is taken in. */
function aligned(
  known: Timeline,
  sent: TimelineVersion,
  lookup: UriLookup,
): {
  readonly entries: TimelineVersion
  readonly alignment: Alignment
} {
  const since = sentSince(known, lookup)
  const alignment = align(known, sent, since)
  if (known.isTakenUp !== true || alignment.kind !== 'restarts') return { entries: sent, alignment }
  const here = sentHere(sent, since)
  const again = align(known, here, since)
  return again.kind === 'restarts' ? { entries: here, alignment: again } : { entries: sent, alignment }
}

function versionOf(
  { parsed, scanned, id, continues, cameAt }: MediaVersion,
  asked: Asked | undefined,
): TimelineVersion {
  return {
    id,
    entries: scanned.entries,
    dateTimes: parsed.entries.map(({ dateTime }) => dateTime),
    hasEndlist: scanned.hasEndlist,
    targetDuration: parsed.targetDuration ?? 0,
    discontinuitySequence: parsed.discontinuitySequence,
    mediaSequence: scanned.mediaSequence,
    asked,
    isContinued: continues !== undefined,
    cameAt,
  }
}

function recordOf(
  before: PlaylistRecord | undefined,
  version: MediaVersion,
  known: Timeline,
  timeline: Timeline,
): MediaRecord {
  const { parsed, scanned, id, owner, head, tail, continues } = version
  // One that was trimmed is read from its first line on, each time.
  const isWhole = timeline.entries.length === scanned.entries.length
  const grows = continues !== undefined || parsed.playlistType === 'EVENT' || hasGrown(known, timeline)
  return {
    kind: 'media',
    owner,
    head,
    tail,
    timeline,
    isGrowing: isWhole && grows,
    ...(before?.kind === 'media' && before.archived !== undefined ? { archived: before.archived } : {}),
    ...(continues === undefined ? {} : { sealed: continues }),
    ...servedBefore(before),
    ...(before?.suspect !== undefined && before.suspect.id > id ? { suspect: before.suspect } : {}),
  }
}

/** A multivariant playlist under the same name had no numbers. */
function servedBefore(before: PlaylistRecord | undefined): Pick<MediaRecord, 'served'> {
  if (before?.served === undefined) return {}
  return { served: before.kind === 'media' ? before.served : { ...before.served, last: -1, holes: 0 } }
}

function hasGrown(before: Timeline, after: Timeline): boolean {
  const first = before.entries[0]
  return (
    first !== undefined && first.number === after.entries[0]?.number && after.entries.length > before.entries.length
  )
}

function sentSince(timeline: Timeline, lookup: UriLookup): SentSince {
  return (uri, bound, until) => {
    const since = lookup
      .find(uri)
      .versions.filter(({ id }: Upload) => id > timeline.acceptedId && id !== bound?.id && !(until && id > until))
    if (since.length === 0) return 'no'
    return bound === undefined || since.some((upload) => !isBody(upload, bound)) ? 'other' : 'same'
  }
}

/**
 * What is known of a playlist from its first entry on; the sealed ones are read again. Of a new one, `bornFrom` tells from which id on
 * uploads may be its own.
 */
export function wholeTimeline(
  journal: Journal,
  at: { readonly app: string; readonly name: string },
  record: PlaylistRecord | undefined,
  bornFrom: (app: string, name: string) => string,
): Timeline {
  if (record?.kind !== 'media') {
    return { ...EMPTY_TIMELINE, run: { ...EMPTY_TIMELINE.run, from: bornFrom(at.app, at.name) } }
  }
  const { sealed, timeline } = record
  if (sealed === undefined) return timeline
  return { ...timeline, entries: [...sealedEntries(journal, at, sealed), ...timeline.entries] }
}
