import { ReceiverError } from '../errors.ts'
import { MAX_PLAYLIST_LINE_BYTES, MAX_PLAYLIST_LINES } from '../limits.ts'
import {
  attributeOf,
  BYTE_RANGE,
  hasTag,
  isComment,
  isEntryLine,
  MULTIVARIANT_TAGS,
  tagOf,
  tagValue,
  URI_ROLES,
  type UriRole,
} from './tags.ts'

/** Bytes of a resource, from `start` up to and without `end`. */
export interface MediaRange {
  readonly start: number
  readonly end: number
}

/** A URI and where it stands: a whole line, or the value of a URI attribute. */
export interface UriSite {
  readonly role: UriRole
  readonly uri: string
  /** Index of its line. */
  readonly line: number
  /** Where it begins and ends within its line. */
  readonly start: number
  readonly end: number
  /** Index of the entry it stands in or above; entries.length below the last one; -1 in multivariant playlists. */
  readonly entry: number
  /** The part of the resource that is meant; undefined: all of it. */
  readonly range: MediaRange | undefined
}

/** A MAP or KEY line further up that holds on: as written, and as it was served last. */
export interface CarriedSite extends UriSite {
  /** Negative: it is none of the lines that were scanned. */
  readonly line: number
  readonly text: string
  readonly served: string
}

/** A media segment in the encoder's words. */
export interface ScannedEntry {
  /** Media sequence number as the encoder counts. */
  readonly number: number
  readonly uri: string
  /** Index of its first line, which follows the entry before, or the playlist's own tags. */
  readonly firstLine: number
  /** Index of its last line. */
  readonly uriLine: number
  /** URI, duration and byte range as written: what stays the same in every version that has the entry. */
  readonly identity: string
  readonly range: MediaRange | undefined
  /** EXT-X-PROGRAM-DATE-TIME as written. */
  readonly dateTime: string | undefined
  readonly isDiscontinuity: boolean
  /** The encoder itself says that there is no segment (RFC 8216bis section 4.4.4.7). */
  readonly isGap: boolean
}

/** A playlist taken apart into lines, entries and URIs, nothing lost. */
export interface ScannedPlaylist {
  readonly kind: 'media' | 'multivariant'
  readonly lines: readonly string[]
  /** Index of the first line that is not one of the playlist's own tags. */
  readonly bodyLine: number
  readonly entries: readonly ScannedEntry[]
  readonly uris: readonly UriSite[]
  /** MAP and KEY lines above the first entry, of a list whose beginning was left out. */
  readonly carried: readonly CarriedSite[]
  /** The encoder's number of the first entry of the whole list; 0 when it is not written, or no number. */
  readonly mediaSequence: number
  readonly hasEndlist: boolean
}

/** What stands before the lines of a list whose beginning is known: entries that need not be read again. */
export interface Skipped {
  readonly entries: number
  /** Index of the line that they stand before. */
  readonly bodyLine?: number
  /** Where the byte range of the last one ends, for a range without an offset (RFC 8216bis section 4.4.4.2). */
  readonly rangeEnd: RangeEnd | undefined
  readonly carried?: readonly CarriedSite[]
}

/** The end of the last byte range, and the URI it is of. */
export interface RangeEnd {
  readonly uri: string
  readonly end: number
}

/** Nothing stands before the lines: they are the whole list. */
export const NOTHING_SKIPPED: Skipped = { entries: 0, rangeEnd: undefined }
const LINE_FEED = 0x0a
const utf8 = new TextEncoder()

/**
 * Takes a playlist's bytes apart into lines, in one pass. Throws `playlist-invalid` when they are no playlist: not UTF-8,
 * without #EXTM3U on the first line, cut in the last line, with a line over MAX_PLAYLIST_LINE_BYTES, or with more than
 * MAX_PLAYLIST_LINES of them.
 */
export function readLines(bytes: Uint8Array): string[] {
  if (lineCount(bytes) > MAX_PLAYLIST_LINES) throw new ReceiverError('playlist-invalid', 'It has too many lines.')
  const lines = splitLines(decodeUtf8(bytes))
  if (bytes.at(-1) !== LINE_FEED) throw new ReceiverError('playlist-invalid', 'Its last line has no line end.')
  if (lines[0]?.trimEnd() !== '#EXTM3U') throw new ReceiverError('playlist-invalid', 'Its first line is not #EXTM3U.')
  if (lines.some(isTooLong)) throw new ReceiverError('playlist-invalid', 'A line is too long.')
  return lines
}

/** The lines of a text that ends with a line end, without their ends. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  lines.pop()
  return lines
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

/** Finds entries and URIs in a playlist's lines, in time linear to their length; `skipped` entries stand before them. */
export function scanLines(lines: readonly string[], skipped: Skipped = NOTHING_SKIPPED): ScannedPlaylist {
  const isMultivariant = lines.some((line) => MULTIVARIANT_TAGS.has(tagOf(line)))
  const mediaSequence = wholeNumber(lines, '#EXT-X-MEDIA-SEQUENCE')
  const scan = new EntryScan(lines, isMultivariant, mediaSequence + skipped.entries, skipped)
  for (let index = 0; index < lines.length; index++) scan.line(index)
  return {
    kind: isMultivariant ? 'multivariant' : 'media',
    lines,
    bodyLine: scan.bodyLine,
    entries: scan.entries,
    uris: scan.uris,
    carried: skipped.carried ?? [],
    mediaSequence,
    hasEndlist: lines.some((line) => hasTag(line, '#EXT-X-ENDLIST')),
  }
}

/** Whether a body is named twice: its name was used again, as names by the clock are for short segments. */
export function hasNameTwice(entries: readonly ScannedEntry[]): boolean {
  return new Set(entries.map(({ uri, range }) => `${uri} ${range?.start}`)).size < entries.length
}

class EntryScan {
  readonly entries: ScannedEntry[] = []
  readonly uris: UriSite[] = []
  bodyLine: number
  readonly #lines: readonly string[]
  readonly #isMultivariant: boolean
  readonly #firstNumber: number
  #rangeEnd: RangeEnd | undefined
  #tags = new Map<string, string>()

  constructor(lines: readonly string[], isMultivariant: boolean, firstNumber: number, skipped: Skipped) {
    this.#lines = lines
    this.#isMultivariant = isMultivariant
    this.#firstNumber = firstNumber
    this.#rangeEnd = skipped.rangeEnd
    this.bodyLine = skipped.bodyLine ?? lines.length
  }

  line(index: number): void {
    const line = this.#lines[index] ?? ''
    const text = line.trim()
    if (isEntryLine(text)) this.bodyLine = Math.min(this.bodyLine, index)
    if (isComment(text)) return
    if (!text.startsWith('#')) this.#uriLine(index, line, text)
    else {
      this.#tags.set(tagOf(text), tagValue(text))
      this.#attributeUri(index, line)
    }
  }

  #uriLine(index: number, line: string, uri: string): void {
    const start = line.indexOf(uri)
    const end = start + uri.length
    if (this.#isMultivariant) {
      this.uris.push({ role: 'playlist', uri, line: index, start, end, entry: -1, range: undefined })
    } else {
      const entry = this.#entry(index, uri)
      const { range } = entry
      this.uris.push({ role: 'segment', uri, line: index, start, end, entry: this.entries.length, range })
      this.entries.push(entry)
    }
    this.#tags = new Map()
  }

  #entry(uriLine: number, uri: string): ScannedEntry {
    const byteRange = this.#tags.get('#EXT-X-BYTERANGE')
    const range = this.#range(uri, byteRange)
    this.#rangeEnd = range === undefined ? undefined : { uri, end: range.end }
    const before = this.entries.at(-1)
    const [duration = ''] = (this.#tags.get('#EXTINF') ?? '').split(',')
    return {
      number: this.#firstNumber + this.entries.length,
      uri,
      firstLine: before === undefined ? this.bodyLine : before.uriLine + 1,
      uriLine,
      identity: `${duration} ${range === undefined ? '' : `${range.start}-${range.end}`} ${uri}`,
      range,
      dateTime: this.#tags.get('#EXT-X-PROGRAM-DATE-TIME'),
      isDiscontinuity: this.#tags.has('#EXT-X-DISCONTINUITY'),
      isGap: this.#tags.has('#EXT-X-GAP'),
    }
  }

  #range(uri: string, value: string | undefined): MediaRange | undefined {
    const before = this.#rangeEnd?.uri === uri ? this.#rangeEnd.end : 0
    return value === undefined ? undefined : readRange(value, before)
  }

  #attributeUri(index: number, line: string): void {
    const found = attributeOf(line, 'URI')
    if (found === undefined) return
    const byteRange = attributeOf(line, 'BYTERANGE')?.value
    this.uris.push({
      role: URI_ROLES.get(tagOf(line.trim())) ?? 'other',
      uri: found.value,
      line: index,
      start: found.start,
      end: found.start + found.value.length,
      entry: this.#isMultivariant ? -1 : this.entries.length,
      range: byteRange === undefined ? undefined : readRange(byteRange, 0),
    })
  }
}

/** Reads `LENGTH[@OFFSET]`; undefined when it is no byte range. */
function readRange(value: string, offset: number): MediaRange | undefined {
  const [, length, at] = BYTE_RANGE.exec(value.trim()) ?? []
  if (length === undefined) return undefined
  const start = at === undefined ? offset : Number(at)
  return { start, end: start + Number(length) }
}

/** The value of a playlist's own tag as a whole number; 0 when it is missing, or none. */
export function wholeNumber(lines: readonly string[], tag: string): number {
  const line = lines.find((text) => hasTag(text, tag))
  const value = line === undefined ? 0 : Number(tagValue(line.trim()) || Number.NaN)
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}
