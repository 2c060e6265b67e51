import type { MediaRecord, ServedParts } from '../playlist-record.ts'
import { bindEntries } from './bind.ts'
import { type Gate, gate } from './gate.ts'
import type { UriLookup } from './lookup.ts'
import { type CarriedLines, renderMedia } from './render.ts'
import type { ScannedPlaylist } from './scan.ts'
import { allChunks } from './sealed-part.ts'
import type { TimelineEntry } from './timeline.ts'

const END = '#EXT-X-ENDLIST'

/** A media playlist, bound and served as far as it can be at this moment. */
export interface MediaStep {
  readonly record: MediaRecord
  readonly isPublished: boolean
  readonly shown: Gate['shown']
  readonly carried: CarriedLines
  /** Last parts of names that are awaited, and when to look again in any case. */
  readonly awaited: readonly string[]
  readonly wakeAt: number | undefined
  readonly arriving: ReturnType<typeof bindEntries>['arriving']
}

/** Binds what can be bound, and renders what may be served if that is news. */
export function publishMedia(before: MediaRecord, scanned: ScannedPlaylist, lookup: UriLookup, now: number): MediaStep {
  const binding = bindEntries(before.timeline, scanned, lookup, now)
  const timeline = { ...before.timeline, entries: binding.entries }
  const gated = gate(timeline, scanned, before.served?.last ?? -1, now)
  const { shown, wakeAt } = gated
  const { rendered, carried } = renderMedia(timeline, scanned, gated, lookup, before.sealed?.entries ?? 0)
  const last = lastNumber(timeline.entries, shown.length)
  const served: ServedParts = {
    version: (before.served?.version ?? 0) + 1,
    publishedAt: now,
    ...(before.sealed === undefined ? {} : { sealed: allChunks(before.sealed) }),
    ...rendered,
    foot: rendered.foot + (keepsEnd(before.served, last, rendered.foot) ? `${END}\n` : ''),
    last,
    holes: shown.filter(({ isMissing }) => isMissing).length,
  }
  const count = shown.length + (before.sealed?.entries ?? 0)
  const isPublished = isNews(before.served, served, { isEmpty: count === 0, isComplete: gated.isComplete, before })
  const record: MediaRecord = { ...before, timeline, ...(isPublished ? { served } : {}) }
  return { record, isPublished, shown, carried, awaited: binding.awaited, wakeAt, arriving: binding.arriving }
}

function lastNumber(entries: readonly TimelineEntry[], shown: number): number {
  const first = entries[0]
  if (first === undefined) return -1
  return entries[shown - 1]?.number ?? first.number - 1
}

/** A list that is cut before an awaited entry is served only for what it adds; nothing that was served is taken back. */
function isNews(
  old: ServedParts | undefined,
  served: ServedParts,
  now: { readonly isEmpty: boolean; readonly isComplete: boolean; readonly before: MediaRecord },
): boolean {
  if (now.isEmpty && (old !== undefined || now.before.timeline.entries.length > 0)) return false
  if (old === undefined) return true
  if (served.last < old.last) return false
  if (!now.isComplete && served.last === old.last && served.holes >= old.holes) return false
  return textOf(old) !== textOf(served)
}

/** An encoder that goes on after its end does so with its next entry. */
function keepsEnd(old: ServedParts | undefined, last: number, foot: string): boolean {
  return old?.last === last && old.foot.includes(END) && !foot.includes(END)
}

function textOf({ head, entries, foot }: ServedParts): string {
  return head + entries.join('') + foot
}
