import { scanLines, splitLines } from '../playlist/scan.ts'
import { withUri } from '../playlist/served-line.ts'
import type { ServedPlaylist } from '../playlist-text.ts'
import { toBytes, toText } from '../records.ts'

/** A recording as it is, or as it grows, which players follow: the value of the query `playlist`. */
export type RecordedForm = 'vod' | 'event'

/** A multivariant playlist that leads to its playlists with a query: `playlist=vod`, or whatever it was asked for by. */
export function withQuery(served: ServedPlaylist, query: string): ServedPlaylist {
  const scanned = scanLines(splitLines(toText(served.bytes)))
  const lines = [...scanned.lines]
  for (const site of scanned.uris) {
    if (site.role !== 'playlist') continue
    const uri = `${site.uri}${site.uri.includes('?') ? '&' : '?'}${query}`
    lines[site.line] = withUri(lines[site.line] ?? '', site, uri)
  }
  return { ...served, bytes: toBytes(lines.map((line) => `${line}\n`).join('')) }
}
