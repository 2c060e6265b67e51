import type { UriLookup } from '../playlist/lookup.ts'
import type { ScannedEntry } from '../playlist/scan.ts'
import type { SentSince } from '../playlist/starts-over.ts'
import type { Timeline, TimelineEntry, TimelineVersion } from '../playlist/timeline.ts'

/**
 * A timeline that was taken up from a store, where URIs are stored names, in the words of the first version that its encoder sends since:
 * under the same numbers it may write the same names otherwise.
 */
export function inItsWords(timeline: Timeline, version: TimelineVersion, lookup: UriLookup): Timeline {
  const own = new Map(version.entries.map((entry) => [entry.number + timeline.run.offset, entry]))
  const isOwn = (known: TimelineEntry) => isSameSegment(own.get(known.number), known, lookup)
  if (!timeline.entries.some(isOwn)) return timeline
  const entries = timeline.entries.map((known) => {
    const words = own.get(known.number)
    const isSame = words !== undefined && isAlike(words, known) && (known.segment === undefined || isOwn(known))
    return isSame ? { ...known, uri: words.uri, identity: words.identity } : known
  })
  return { ...timeline, entries }
}

function isSameSegment(words: ScannedEntry | undefined, { segment }: TimelineEntry, lookup: UriLookup): boolean {
  if (words === undefined || segment === undefined) return false
  return lookup.find(words.uri).versions.some(({ object }) => object.stored === segment.stored)
}

/** Whether duration and range are the same. */
function isAlike(words: ScannedEntry, known: TimelineEntry): boolean {
  return before(words) === before(known)
}

function before({ identity, uri }: Pick<TimelineEntry, 'identity' | 'uri'>): string {
  return identity.slice(0, identity.length - uri.length)
}

/**
 * The version that begins a run since then, without the entries before the first one that came here: they were sent to the receiver
 * before, which has them under other names, or are lost with it.
 */
export function sentHere(version: TimelineVersion, sentSince: SentSince): TimelineVersion {
  const index = version.entries.findIndex(({ uri }) => sentSince(uri, undefined) !== 'no')
  if (index <= 0) return version
  return { ...version, entries: version.entries.slice(index), dateTimes: version.dateTimes.slice(index) }
}
