/** What a URI of a playlist stands for. */
export type UriRole = 'segment' | 'map' | 'key' | 'part' | 'playlist' | 'other'

/** Tags with a URI attribute, and what it stands for. */
export const URI_ROLES: ReadonlyMap<string, UriRole> = new Map<string, UriRole>([
  ['#EXT-X-MAP', 'map'],
  ['#EXT-X-KEY', 'key'],
  ['#EXT-X-SESSION-KEY', 'key'],
  ['#EXT-X-PART', 'part'],
  ['#EXT-X-PRELOAD-HINT', 'part'],
  ['#EXT-X-MEDIA', 'playlist'],
  ['#EXT-X-I-FRAME-STREAM-INF', 'playlist'],
])

/** Tags that only multivariant playlists have (RFC 8216bis section 4.4.6). */
export const MULTIVARIANT_TAGS: ReadonlySet<string> = new Set([
  '#EXT-X-STREAM-INF',
  '#EXT-X-MEDIA',
  '#EXT-X-I-FRAME-STREAM-INF',
])

/** Tags that speak of the whole playlist, wherever they stand (RFC 8216bis sections 4.4.1 to 4.4.3). */
const PLAYLIST_TAGS: ReadonlySet<string> = new Set([
  '#EXTM3U',
  '#EXT-X-VERSION',
  '#EXT-X-TARGETDURATION',
  '#EXT-X-MEDIA-SEQUENCE',
  '#EXT-X-DISCONTINUITY-SEQUENCE',
  '#EXT-X-ENDLIST',
  '#EXT-X-PLAYLIST-TYPE',
  '#EXT-X-I-FRAMES-ONLY',
  '#EXT-X-PART-INF',
  '#EXT-X-SERVER-CONTROL',
  '#EXT-X-INDEPENDENT-SEGMENTS',
  '#EXT-X-START',
  '#EXT-X-DEFINE',
  '#EXT-X-ALLOW-CACHE',
])

/** LENGTH or LENGTH@OFFSET, in bytes (RFC 8216bis section 4.4.4.2). */
export const BYTE_RANGE = /^(\d{1,15})(?:@(\d{1,15}))?$/

/** Those of them that nothing else in a playlist is read by. */
const LONE_TAGS: ReadonlySet<string> = new Set(['#EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-START', '#EXT-X-ALLOW-CACHE'])

/** The tag of a line, up to its colon. */
export function tagOf(line: string): string {
  const colon = line.indexOf(':')
  return (colon < 0 ? line : line.slice(0, colon)).trim()
}

/** What stands behind the colon of a tag; empty when there is none. */
export function tagValue(line: string): string {
  const colon = line.indexOf(':')
  return colon < 0 ? '' : line.slice(colon + 1).trim()
}

/** Whether a line is this tag. */
export function hasTag(line: string, tag: string): boolean {
  return line.trimStart().startsWith(tag) && tagOf(line) === tag
}

/** Whether a line is a comment, or empty. */
export function isComment(line: string): boolean {
  return line === '' || (line.startsWith('#') && !line.startsWith('#EXT'))
}

function isPlaylistTag(line: string): boolean {
  return PLAYLIST_TAGS.has(tagOf(line))
}

/** Whether the rest of a playlist cannot be read without a line. */
export function isNeededByRest(line: string): boolean {
  return isPlaylistTag(line) && !LONE_TAGS.has(tagOf(line))
}

/** Whether a line belongs to an entry: all but comments and the tags of the whole playlist. */
export function isEntryLine(line: string): boolean {
  return !isComment(line) && !isPlaylistTag(line)
}

/** A value of an attribute list, without its quotes, and where it begins in the line. */
export interface Attribute {
  readonly value: string
  readonly start: number
  readonly isQuoted: boolean
}

/** One attribute of a tag's list (RFC 8216bis section 4.2); undefined when it is not there. Linear. */
export function attributeOf(line: string, name: string): Attribute | undefined {
  if (!line.includes(name)) return undefined
  return [...attributes(line)].find((attribute) => attribute.name === name)
}

/** Every attribute of a tag's list, in order; a quoted value without its end runs to the end of the line. */
export function* attributes(line: string): Generator<Attribute & { readonly name: string }> {
  let at = line.indexOf(':') + 1
  while (at > 0 && at < line.length) {
    const equals = line.indexOf('=', at)
    if (equals < 0) return
    const name = line.slice(at, equals).trim()
    const isQuoted = line[equals + 1] === '"'
    const from = equals + (isQuoted ? 2 : 1)
    const end = line.indexOf(isQuoted ? '"' : ',', from)
    const written = line.slice(from, end < 0 ? line.length : end)
    const value = isQuoted ? written : written.trim()
    yield { name, value, start: from + written.indexOf(value), isQuoted }
    if (end < 0) return
    at = isQuoted ? line.indexOf(',', end) + 1 : end + 1
  }
}
