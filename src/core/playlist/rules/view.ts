import type { FindingCode } from '../findings.ts'
import { ATTRIBUTE_LIST_TAGS } from '../guard.ts'
import type { ParsedPlaylist } from '../parse.ts'
import type { ScannedEntry, ScannedPlaylist, Skipped } from '../scan.ts'
import { tagOf, tagValue } from '../tags.ts'

/** A tag in a playlist. */
export interface TagLine {
  /** Its line, counted from 1. */
  readonly line: number
  /** What stands behind its colon. */
  readonly value: string
  /** The attributes of its list, without quotes, the first of each name; empty for tags without a list. */
  readonly attributes: ReadonlyMap<string, string>
  readonly isMalformed: boolean
  readonly hasRepeatedAttribute: boolean
}

/** What the rules look at: both readings of a playlist, and its tags. */
export interface PlaylistView {
  readonly scanned: ScannedPlaylist
  readonly parsed: ParsedPlaylist
  /** What stands before the entries. */
  readonly skipped: Skipped
  /** The lines of each tag, in order. */
  readonly tags: ReadonlyMap<string, readonly TagLine[]>
}

/** Notes a finding at a line, counted from 1. */
export type Report = (code: FindingCode, line: number) => void

/** One or a few rules of RFC 8216bis; pure. */
export type Rule = (view: PlaylistView, report: Report) => void

/** NAME=value or NAME="value", and the comma or the end behind it. */
const ATTRIBUTE = /\s*([^=,"\s]+)=(?:"([^"]*)"\s*|([^,"]*))(,|$)/y
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

/** Groups the tags of a playlist for the rules, in one pass. */
export function viewOf(scanned: ScannedPlaylist, parsed: ParsedPlaylist, skipped: Skipped): PlaylistView {
  const tags = new Map<string, TagLine[]>()
  for (const [index, line] of scanned.lines.entries()) {
    const text = line.trim()
    if (!text.startsWith('#EXT')) continue
    const tag = tagOf(text)
    const read = tagLine(index + 1, tag, tagValue(text))
    const others = tags.get(tag)
    if (others === undefined) tags.set(tag, [read])
    else others.push(read)
  }
  return { scanned, parsed, skipped, tags }
}

function tagLine(line: number, tag: string, value: string): TagLine {
  if (ATTRIBUTE_LIST_TAGS.has(tag)) return { line, value, ...readAttributeList(value) }
  return { line, value, attributes: NO_ATTRIBUTES, isMalformed: false, hasRepeatedAttribute: false }
}

function readAttributeList(list: string): Omit<TagLine, 'line' | 'value'> {
  const attributes = new Map<string, string>()
  let hasRepeatedAttribute = false
  let end = 0
  let separator = list === '' ? '' : ','
  while (separator === ',') {
    ATTRIBUTE.lastIndex = end
    const [match, name = '', quoted, plain = '', behind = ''] = ATTRIBUTE.exec(list) ?? []
    if (match === undefined) return { attributes, isMalformed: true, hasRepeatedAttribute }
    if (attributes.has(name)) hasRepeatedAttribute = true
    else attributes.set(name, quoted ?? plain.trim())
    end += match.length
    separator = behind
  }
  return { attributes, isMalformed: false, hasRepeatedAttribute }
}

/** The lines of a tag, in order. */
export function linesOf(view: PlaylistView, tag: string): readonly TagLine[] {
  return view.tags.get(tag) ?? []
}

/** The lines of a tag by the entry that they stand above, in order; undefined for those below the last entry. */
export function* linesByEntry(view: PlaylistView, tag: string): Generator<[ScannedEntry | undefined, TagLine[]]> {
  const lines = linesOf(view, tag)
  let at = 0
  for (const entry of view.scanned.entries) {
    const from = at
    while ((lines[at]?.line ?? Number.POSITIVE_INFINITY) <= entry.uriLine) at++
    yield [entry, lines.slice(from, at)]
  }
  yield [undefined, lines.slice(at)]
}
