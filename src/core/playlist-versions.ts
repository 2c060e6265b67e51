import { isBody, type Version as Upload } from './catalog.ts'
import { type Alignment, align } from './playlist/align.ts'
import type { UriLookup } from './playlist/lookup.ts'
import type { ReadPlaylist } from './playlist/read.ts'
import { appended, begun, settled } from './playlist/run-uploads.ts'
import type { SealedPart } from './playlist/sealed-part.ts'
import type { SentSince } from './playlist/starts-over.ts'
import { type Asked, advance, EMPTY_TIMELINE, type Timeline, type TimelineVersion } from './playlist/timeline.ts'
import type { MediaRecord, PlaylistRecord } from './playlist-record.ts'
import type { Journal } from './ports.ts'
import { sealedEntries } from './sealed-list.ts'

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

/** What an accepted version makes of a media playlist; `older`: nothing, since a newer one is known. */
export type Advance =
  | { readonly kind: 'older'; readonly isCertain: boolean }
  | { readonly kind: 'newer'; readonly record: MediaRecord; readonly isNewRun: boolean }

/** Puts a version where it belongs among what is known: versions are ordered by what they say. */
export function advanceMedia(
  before: PlaylistRecord | undefined,
  version: MediaVersion,
  known: Timeline,
  lookup: UriLookup,
  { asked, now }: { readonly asked: Asked | undefined; readonly now: number },
): Advance {
  const { parsed, scanned, id } = version
  const entries: TimelineVersion = {
    id,
    entries: scanned.entries,
    dateTimes: parsed.entries.map(({ dateTime }) => dateTime),
    hasEndlist: scanned.hasEndlist,
    targetDuration: parsed.targetDuration ?? 0,
    discontinuitySequence: parsed.discontinuitySequence,
    mediaSequence: scanned.mediaSequence,
    asked,
    isContinued: version.continues !== undefined,
    cameAt: version.cameAt,
  }
  const alignment: Alignment = align(known, entries, sentSince(known, lookup))
  if (alignment.kind === 'older') return alignment
  const { joint, kind } = alignment
  const run =
    kind === 'restarts'
      ? begun(alignment.run, known, version, lookup, now)
      : appended(settled(alignment.run, version, lookup), known, lookup, now)
  const timeline = advance(known, entries, { run, joint }, now)
  // One that was trimmed is read from its first line on, each time.
  const isWhole = timeline.entries.length === scanned.entries.length
  const grows = version.continues !== undefined || parsed.playlistType === 'EVENT' || hasGrown(known, timeline)
  const record: MediaRecord = {
    kind: 'media',
    owner: version.owner,
    head: version.head,
    tail: version.tail,
    timeline,
    isGrowing: isWhole && grows,
    ...(before?.kind === 'media' && before.archived !== undefined ? { archived: before.archived } : {}),
    ...(version.continues === undefined ? {} : { sealed: version.continues }),
    ...servedBefore(before),
    ...(before?.suspect !== undefined && before.suspect.id > id ? { suspect: before.suspect } : {}),
  }
  return { kind: 'newer', record, isNewRun: alignment.kind === 'restarts' }
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

/** What is known of a playlist from its first entry on; the sealed ones are read again. */
export function wholeTimeline(
  journal: Journal,
  at: { readonly app: string; readonly name: string },
  record: PlaylistRecord | undefined,
): Timeline {
  if (record?.kind !== 'media') return EMPTY_TIMELINE
  const { sealed, timeline } = record
  if (sealed === undefined) return timeline
  return { ...timeline, entries: [...sealedEntries(journal, at, sealed), ...timeline.entries] }
}
