import { uriLines } from '../multivariant.ts'
import type { ParsedEntry } from '../parse.ts'
import type { ScannedEntry } from '../scan.ts'
import type { PlaylistView, Report } from './view.ts'

/** Whether scanner and parser find the same; asked only of playlists without another error, which would explain it. */
export function checkReadings(view: PlaylistView, report: Report): void {
  const { scanned, parsed } = view
  const ends = scanned.hasEndlist === parsed.hasEndlist
  const counts = scanned.entries.length === parsed.entries.length && scanned.mediaSequence === parsed.mediaSequence
  if (!ends || !counts || !hasSameVariants(view)) report('readings-differ', 1)
  // A range that goes on from what was skipped is beyond the parser.
  const knowsRanges = view.skipped.rangeEnd === undefined
  for (const [index, entry] of scanned.entries.entries()) {
    const other = parsed.entries[index]
    if (other !== undefined && !isSame(entry, other, knowsRanges)) report('readings-differ', entry.uriLine + 1)
  }
}

function isSame(scanned: ScannedEntry, parsed: ParsedEntry, knowsRanges: boolean): boolean {
  return (
    scanned.uri === parsed.uri &&
    scanned.isDiscontinuity === parsed.isDiscontinuity &&
    (!knowsRanges || (scanned.range?.start === parsed.byteRange?.start && scanned.range?.end === parsed.byteRange?.end))
  )
}

function hasSameVariants({ scanned, parsed }: PlaylistView): boolean {
  if (scanned.kind === 'media') return true
  const uris = uriLines(scanned)
  return uris.length === parsed.variants.length && uris.every(({ uri }, index) => uri === parsed.variants[index]?.uri)
}
