import { ReceiverError } from '../errors.ts'
import { renderMultivariant } from '../playlist/multivariant.ts'
import { scanLines, splitLines } from '../playlist/scan.ts'
import type { ServedPlaylist } from '../playlist-text.ts'
import { toBytes, toText } from '../records.ts'
import { storedPath } from '../uri.ts'

/**
 * A multivariant playlist without what is empty: players give up on a variant that is not there. Throws `clip-empty` where none
 * is left.
 */
export async function clippedVariants(
  name: string,
  served: ServedPlaylist,
  isEmpty: (rendition: string) => Promise<boolean>,
): Promise<ServedPlaylist> {
  const scanned = scanLines(splitLines(toText(served.bytes)))
  const empty = new Set<string>()
  for (const { role, uri } of scanned.uris) {
    if (role === 'playlist' && (await isEmpty(storedPath(name, uri)))) empty.add(uri)
  }
  const { text, variants } = renderMultivariant(scanned, ({ uri }) => (empty.has(uri) ? undefined : uri))
  if (variants === 0) throw new ReceiverError('clip-empty')
  return { ...served, bytes: toBytes(text) }
}
