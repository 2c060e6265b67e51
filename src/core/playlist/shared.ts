import type { ScannedPlaylist, UriSite } from './scan.ts'
import { hasTag } from './tags.ts'

type Sites = readonly (readonly UriSite[])[]

/** Found once for a playlist: it is bound, held back and written by them, again whenever a segment comes. */
const found = new WeakMap<ScannedPlaylist, Sites>()

/** For each entry the MAP and KEY lines that hold for it (RFC 8216bis sections 4.4.4.4 and 4.4.4.5). */
export function sharedSites(scanned: ScannedPlaylist): Sites {
  const known = found.get(scanned)
  if (known !== undefined) return known
  const sites = findSites(scanned)
  found.set(scanned, sites)
  return sites
}

function findSites(scanned: ScannedPlaylist): Sites {
  const byEntry = new Map<number, UriSite[]>()
  for (const site of scanned.uris) {
    if (site.role === 'map' || site.role === 'key') byEntry.set(site.entry, [...(byEntry.get(site.entry) ?? []), site])
  }
  let map: UriSite[] = scanned.carried.filter(({ role }) => role === 'map')
  let keys: UriSite[] = scanned.carried.filter(({ role }) => role === 'key')
  let all: readonly UriSite[] = scanned.carried
  return scanned.entries.map(({ firstLine, uriLine }, index) => {
    const own = byEntry.get(index) ?? []
    const hasKey = own.some(({ role }) => role === 'key') || endsKey(scanned.lines, firstLine, uriLine)
    if (own.length === 0 && !hasKey) return all
    map = own
      .filter(({ role }) => role === 'map')
      .slice(-1)
      .concat(map)
      .slice(0, 1)
    if (hasKey) keys = own.filter(({ role }) => role === 'key')
    // In their order: a MAP behind a KEY is encrypted with that (RFC 8216bis section 4.4.4.5).
    const isMapLast = own.length > 0 && own.at(-1)?.role === 'map'
    all = isMapLast ? [...keys, ...map] : [...map, ...keys]
    return all
  })
}

/** METHOD=NONE has no URI: from there on nothing is encrypted. */
function endsKey(lines: readonly string[], from: number, to: number): boolean {
  for (let line = from; line < to; line++) if (hasTag(lines[line] ?? '', '#EXT-X-KEY')) return true
  return false
}
