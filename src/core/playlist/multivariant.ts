import type { ScannedPlaylist, UriSite } from './scan.ts'
import { attributeOf, hasTag } from './tags.ts'

/** The attributes of a variant that name a group of renditions (RFC 8216bis section 4.4.6.2). */
const GROUP_TYPES = ['AUDIO', 'VIDEO', 'SUBTITLES']

/** A multivariant playlist as far as it leads to served playlists. */
export interface RenderedMultivariant {
  readonly text: string
  /** Variants that are left. */
  readonly variants: number
}

/**
 * Writes a multivariant playlist in the encoder's own lines: `servedUri` gives each URI as players find it, undefined for
 * playlists that are not served yet. Those are left out, and with them the variants that lack their sound or picture.
 */
export function renderMultivariant(
  scanned: ScannedPlaylist,
  servedUri: (site: UriSite) => string | undefined,
): RenderedMultivariant {
  const lines: (string | undefined)[] = [...scanned.lines]
  for (const site of scanned.uris) {
    const uri = servedUri(site)
    const line = scanned.lines[site.line] ?? ''
    lines[site.line] = uri === undefined ? undefined : line.slice(0, site.start) + uri + line.slice(site.end)
  }
  const lost = lostGroups(scanned.lines, lines)
  let left = 0
  for (const { line } of uriLines(scanned)) {
    const tagLine = streamInfBefore(scanned.lines, line)
    const tag = lines[line] === undefined ? undefined : withoutLost(scanned.lines[tagLine] ?? '', lost)
    if (tagLine >= 0) lines[tagLine] = tag
    if (tag === undefined) lines[line] = undefined
    else left++
  }
  const text = lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join('')
  return { text, variants: left }
}

/** The URIs of a multivariant playlist that are lines of their own: those of its variants. */
export function uriLines(scanned: ScannedPlaylist): UriSite[] {
  return scanned.uris.filter(({ line }) => !scanned.lines[line]?.trimStart().startsWith('#'))
}

/** Index of the EXT-X-STREAM-INF that a URI line belongs to; -1 when there is none. */
function streamInfBefore(lines: readonly string[], uriLine: number): number {
  let line = uriLine - 1
  while (line >= 0 && !hasTag(lines[line] ?? '', '#EXT-X-STREAM-INF') && /^\s*(?:#|$)/.test(lines[line] ?? '')) line--
  return hasTag(lines[line] ?? '', '#EXT-X-STREAM-INF') ? line : -1
}

/** `TYPE GROUP-ID` of the groups that have lost all their renditions. */
function lostGroups(before: readonly string[], after: readonly (string | undefined)[]): ReadonlySet<string> {
  const groups = (lines: readonly (string | undefined)[]) =>
    lines.flatMap((line = '') => {
      const group = attributeOf(line, 'GROUP-ID')?.value
      return hasTag(line, '#EXT-X-MEDIA') && group !== undefined ? [`${attributeOf(line, 'TYPE')?.value} ${group}`] : []
    })
  const left = new Set(groups(after))
  return new Set(groups(before).filter((group) => !left.has(group)))
}

/** A variant's tag without the subtitles that are lost; undefined when its sound or its picture is. */
function withoutLost(line: string, lost: ReadonlySet<string>): string | undefined {
  const isLost = (type: string) => lost.has(`${type} ${attributeOf(line, type)?.value}`)
  const types = GROUP_TYPES.filter(isLost)
  if (types.some((type) => type !== 'SUBTITLES')) return undefined
  return types.length === 0 ? line : line.replace(/,SUBTITLES="[^"]*"|SUBTITLES="[^"]*",?/, '')
}
