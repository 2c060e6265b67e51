import type { ReadPlaylist } from '../playlist/read.ts'
import type { MediaRange, ScannedEntry, UriSite } from '../playlist/scan.ts'
import { sharedSites } from '../playlist/shared.ts'
import type { Bound, SharedBinding, TimelineEntry } from '../playlist/timeline.ts'
import type { StoredObject } from '../records.ts'
import { leadsElsewhere } from './stored-uri.ts'

/** Finds the object of the store that a URI leads to. */
export type FindObject = (uri: string) => StoredObject | undefined

/**
 * The entries of a playlist of the store, each bound to what its URIs lead to there, and named when its segment came; what the store
 * has not is left open. A hole was named as long after what stands before it as it would play: `before` is when that was, in ms since the
 * epoch, or else the first segment tells.
 */
export function boundEntries(
  { scanned, parsed }: ReadPlaylist,
  find: FindObject,
  before: number | undefined,
): TimelineEntry[] {
  const sites = sharedSites(scanned)
  let namedAt = before ?? beginOf(scanned.entries, find)
  return scanned.entries.map(({ number, uri, identity, range, isDiscontinuity, isGap }, index) => {
    const object = isGap ? undefined : holding(find(uri), range)
    namedAt = object?.acceptedAt ?? namedAt + msOf(identity)
    return {
      number,
      uri,
      identity,
      dateTime: parsed.entries[index]?.dateTime,
      isDiscontinuity,
      isJoint: false,
      namedAt,
      segment: object && boundTo(object),
      shared: (sites[index] ?? []).flatMap((site) => sharedBindingOf(site, find) ?? []),
    }
  })
}

/** When what stands before the first entry was named. */
function beginOf(entries: readonly ScannedEntry[], find: FindObject): number {
  let ms = 0
  for (const { uri, identity, isGap } of entries) {
    ms += msOf(identity)
    const object = isGap ? undefined : find(uri)
    if (object !== undefined) return object.acceptedAt - ms
  }
  return 0
}

function msOf(identity: string): number {
  return 1_000 * (Number.parseFloat(identity) || 0)
}

function sharedBindingOf({ role, uri, range }: UriSite, find: FindObject): SharedBinding | undefined {
  const kind = role === 'map' ? 'map' : 'key'
  if (kind === 'key' && leadsElsewhere(uri)) return { role: kind, uri, bound: null }
  const object = holding(find(uri), range)
  return object && { role: kind, uri, bound: boundTo(object) }
}

/** An object as far as it has all of a range. */
function holding(object: StoredObject | undefined, range: MediaRange | undefined): StoredObject | undefined {
  return object !== undefined && object.size >= (range?.end ?? 0) ? object : undefined
}

function boundTo({ stored, id }: StoredObject): Bound {
  return { stored, id }
}
