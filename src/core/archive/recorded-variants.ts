import { scanLines, splitLines } from '../playlist/scan.ts'
import { withUri } from '../playlist/served-line.ts'
import type { ServedPlaylist } from '../playlist-text.ts'
import { toBytes, toText } from '../records.ts'

/** A recording as it is, or as it grows, which players follow: the value of the query `playlist`. */
export type RecordedForm = 'vod' | 'event'

/** A multivariant playlist that leads to the recordings of its playlists. */
export function recordedVariants(
  served: ServedPlaylist | undefined,
  form: RecordedForm = 'vod',
): ServedPlaylist | undefined {
  if (served === undefined) return undefined
  const scanned = scanLines(splitLines(toText(served.bytes)))
  const lines = [...scanned.lines]
  for (const site of scanned.uris) {
    if (site.role !== 'playlist') continue
    lines[site.line] = withUri(
      lines[site.line] ?? '',
      site,
      `${site.uri}${site.uri.includes('?') ? '&' : '?'}playlist=${form}`,
    )
  }
  return { ...served, bytes: toBytes(lines.map((line) => `${line}\n`).join('')) }
}
