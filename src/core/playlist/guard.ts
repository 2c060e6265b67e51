import { ReceiverError } from '../errors.ts'
import { tagOf } from './tags.ts'

/** Longest run of white space in an attribute list, in UTF-16 units: the parser takes the square of it. */
export const MAX_SPACE_RUN = 32

/** Tags whose value is an attribute list (RFC 8216bis section 4.2). */
export const ATTRIBUTE_LIST_TAGS: ReadonlySet<string> = new Set([
  '#EXT-X-CONTENT-STEERING',
  '#EXT-X-DATERANGE',
  '#EXT-X-DEFINE',
  '#EXT-X-I-FRAME-STREAM-INF',
  '#EXT-X-KEY',
  '#EXT-X-MAP',
  '#EXT-X-MEDIA',
  '#EXT-X-PART',
  '#EXT-X-PART-INF',
  '#EXT-X-PRELOAD-HINT',
  '#EXT-X-RENDITION-REPORT',
  '#EXT-X-SERVER-CONTROL',
  '#EXT-X-SESSION-DATA',
  '#EXT-X-SESSION-KEY',
  '#EXT-X-SKIP',
  '#EXT-X-START',
  '#EXT-X-STREAM-INF',
])

/** What a reader may take for the end of a line, although it is none (RFC 8216bis section 4.1). */
const FALSE_LINE_END = /[\r\u2028\u2029]/
const LONG_SPACE_RUN = new RegExp(`\\s{${MAX_SPACE_RUN + 1}}`)
/** A whole attribute name or value that every JavaScript object has already. */
const INHERITED = new RegExp(
  `(?:^#[^:]*:|[=,])[\\s'"]*(?:${Object.getOwnPropertyNames(Object.prototype).join('|')})[\\s'"]*(?:[=,]|$)`,
)

/**
 * Throws `playlist-invalid` for lines that poison or stall m3u8-parser, here or in a player that uses it, or that players
 * take apart otherwise than we do: attributes named like a property of every object, white space without end, and line
 * ends of other kinds within a line. Linear.
 */
export function assertHarmless(lines: readonly string[]): void {
  for (const [index, line] of lines.entries()) {
    const harm = harmOf(line.trim())
    if (harm !== undefined) throw new ReceiverError('playlist-invalid', `Line ${index + 1} has ${harm}.`)
  }
}

function harmOf(text: string): string | undefined {
  if (FALSE_LINE_END.test(text)) return 'a line end of another kind in it'
  if (!text.startsWith('#EXT-X-') || !ATTRIBUTE_LIST_TAGS.has(tagOf(text))) return undefined
  if (INHERITED.test(text)) return 'an attribute with a reserved name or value'
  if (LONG_SPACE_RUN.test(text)) return 'too much white space'
  return undefined
}
