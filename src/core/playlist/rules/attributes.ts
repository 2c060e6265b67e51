import { ATTRIBUTE_LIST_TAGS } from '../guard.ts'
import { attributeOf, type UriRole } from '../tags.ts'
import { linesOf, type PlaylistView, type Report, type Rule } from './view.ts'

const VARIABLE = /\{\$([\w-]+)\}/
/** What URIs stand for that are bound to files; others are passed on. */
const BOUND_ROLES: ReadonlySet<UriRole> = new Set<UriRole>(['segment', 'map', 'part', 'playlist'])

function checkLists(view: PlaylistView, report: Report): void {
  for (const tag of ATTRIBUTE_LIST_TAGS) {
    for (const { line, isMalformed, hasRepeatedAttribute } of linesOf(view, tag)) {
      if (isMalformed) report('attribute-list-malformed', line)
      if (hasRepeatedAttribute) report('attribute-repeated', line)
    }
  }
}

function checkQuotes(view: PlaylistView, report: Report): void {
  for (const tag of ATTRIBUTE_LIST_TAGS) {
    for (const { line, attributes, isMalformed } of linesOf(view, tag)) {
      if (isMalformed || !attributes.has('URI')) continue
      const uri = attributeOf(view.scanned.lines[line - 1] ?? '', 'URI')
      if (uri?.isQuoted === false) report('uri-not-quoted', line)
    }
  }
}

function checkDateRanges(view: PlaylistView, report: Report): void {
  for (const { line, attributes } of linesOf(view, '#EXT-X-DATERANGE')) {
    if (!attributes.has('ID') || !attributes.has('START-DATE')) report('date-range-incomplete', line)
  }
}

function checkVariables(view: PlaylistView, report: Report): void {
  const variables = new Set<string | undefined>()
  for (const { attributes } of linesOf(view, '#EXT-X-DEFINE')) {
    for (const kind of ['NAME', 'IMPORT', 'QUERYPARAM']) variables.add(attributes.get(kind))
  }
  if (variables.size === 0) return
  for (const { role, uri, line } of view.scanned.uris) {
    const [, name] = BOUND_ROLES.has(role) ? (VARIABLE.exec(uri) ?? []) : []
    if (name !== undefined && variables.has(name)) report('variable-in-uri', line + 1)
  }
}

/** Attribute lists and what they define, in playlists of both kinds. */
export const ATTRIBUTE_RULES: readonly Rule[] = [checkLists, checkQuotes, checkDateRanges, checkVariables]
