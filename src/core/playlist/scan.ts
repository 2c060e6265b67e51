import { ReceiverError } from '../errors.ts'
import { MAX_PLAYLIST_LINE_BYTES, MAX_PLAYLIST_LINES } from '../limits.ts'

/** What a URI of a playlist stands for; `other` (KEY, PART, SESSION-DATA …) may also be served elsewhere. */
export type UriRole = 'segment' | 'map' | 'other' | 'playlist'

/** A URI and where it stands: a whole line, or the value of a URI attribute. */
export interface UriSite {
  readonly role: UriRole
  readonly uri: string
  /** Index of its line. */
  readonly line: number
  /** Where it begins and ends within its line. */
  readonly start: number
  readonly end: number
  /** Index of the entry it belongs to; -1 above the first entry and in multivariant playlists. */
  readonly entry: number
}

/** A media segment's lines in the encoder's words. */
export interface ScannedEntry {
  /** Media sequence number. */
  readonly sequence: number
  /** Every line of the entry, which tells it from another of the same number. */
  readonly text: string
}

/** A playlist taken apart into lines, entries and URIs, nothing lost. */
export interface ScannedPlaylist {
  readonly kind: 'media' | 'multivariant'
  readonly lines: readonly string[]
  readonly entries: readonly ScannedEntry[]
  readonly uris: readonly UriSite[]
  readonly mediaSequence: number
}

const URI_TAGS: ReadonlyMap<string, UriRole> = new Map([
  ['#EXT-X-MAP', 'map'],
  ['#EXT-X-MEDIA', 'playlist'],
  ['#EXT-X-I-FRAME-STREAM-INF', 'playlist'],
])
const MULTIVARIANT_TAGS = new Set(['#EXT-X-STREAM-INF', '#EXT-X-MEDIA', '#EXT-X-I-FRAME-STREAM-INF'])
/** Tags that say something of one segment alone, before or after its EXTINF. */
const ENTRY_TAGS = new Set(['#EXTINF', '#EXT-X-PROGRAM-DATE-TIME', '#EXT-X-BYTERANGE', '#EXT-X-GAP', '#EXT-X-BITRATE'])
const URI_ATTRIBUTE = /[:,]URI="([^"]*)"/
const LINE_FEED = 0x0a
const utf8 = new TextEncoder()

/**
 * Scans a playlist in one pass, in time linear to its length. Throws `playlist-invalid` when the text is no playlist: not
 * UTF-8, without #EXTM3U on its first line, cut in its last line, with a line over MAX_PLAYLIST_LINE_BYTES, or with more
 * than MAX_PLAYLIST_LINES of them.
 */
export function scanPlaylist(bytes: Uint8Array): ScannedPlaylist {
  if (lineCount(bytes) > MAX_PLAYLIST_LINES) throw new ReceiverError('playlist-invalid', 'It has too many lines.')
  const text = decodeUtf8(bytes)
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (lines.pop() !== '') throw new ReceiverError('playlist-invalid', 'Its last line has no line end.')
  if (lines[0]?.trimEnd() !== '#EXTM3U') throw new ReceiverError('playlist-invalid', 'Its first line is not #EXTM3U.')
  if (lines.some(isTooLong)) {
    throw new ReceiverError('playlist-invalid', 'A line is too long.')
  }
  return scanLines(lines)
}

/** Scans a text that was scanned before, or made here from one that was: no limit holds for it. */
export function scanAgain(text: string): ScannedPlaylist {
  return scanLines(text.split('\n').slice(0, -1))
}

function lineCount(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return count
}

function isTooLong(line: string): boolean {
  // A UTF-16 unit takes at most three bytes of UTF-8.
  return line.length * 3 > MAX_PLAYLIST_LINE_BYTES && utf8.encode(line).length > MAX_PLAYLIST_LINE_BYTES
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new ReceiverError('playlist-invalid', 'It is not UTF-8.', { cause })
  }
}

function tagOf(line: string): string {
  const colon = line.indexOf(':')
  return colon < 0 ? line : line.slice(0, colon)
}

function scanLines(lines: readonly string[]): ScannedPlaylist {
  const isMultivariant = lines.some((line) => MULTIVARIANT_TAGS.has(tagOf(line)))
  const entries: ScannedEntry[] = []
  const uris: UriSite[] = []
  const mediaSequence = mediaSequenceOf(lines)
  let entryStart = -1
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || (line.startsWith('#') && !line.startsWith('#EXT'))) continue
    if (!line.startsWith('#')) {
      const role = isMultivariant ? 'playlist' : 'segment'
      uris.push({
        role,
        uri: line,
        line: index,
        start: 0,
        end: line.length,
        entry: isMultivariant ? -1 : entries.length,
      })
      const text = lines.slice(entryStart < 0 ? index : entryStart, index + 1).join('\n')
      entries.push({ sequence: mediaSequence + entries.length, text })
      entryStart = -1
      continue
    }
    if (entryStart < 0 && ENTRY_TAGS.has(tagOf(line))) entryStart = index
    const site = attributeSite(line, index, isMultivariant ? -1 : entries.length)
    if (site !== undefined) uris.push(site)
  }
  return {
    kind: isMultivariant ? 'multivariant' : 'media',
    lines,
    entries: isMultivariant ? [] : entries,
    uris,
    mediaSequence,
  }
}

function attributeSite(line: string, index: number, entry: number): UriSite | undefined {
  const match = URI_ATTRIBUTE.exec(line)
  if (match === null) return undefined
  const role = URI_TAGS.get(tagOf(line)) ?? 'other'
  const uri = match[1] ?? ''
  const start = match.index + match[0].length - 1 - uri.length
  return { role, uri, line: index, start, end: start + uri.length, entry }
}

function mediaSequenceOf(lines: readonly string[]): number {
  const line = lines.find((text) => text.startsWith('#EXT-X-MEDIA-SEQUENCE:'))
  const value = Number(line?.slice('#EXT-X-MEDIA-SEQUENCE:'.length) ?? 0)
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}
