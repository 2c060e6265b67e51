import { uriLines } from '../multivariant.ts'
import { linesOf, type PlaylistView, type Report, type Rule } from './view.ts'

/** Types of renditions, which are also the attributes by which a variant names a group. */
const MEDIA_TYPES = ['AUDIO', 'VIDEO', 'SUBTITLES', 'CLOSED-CAPTIONS']

function checkVariants(view: PlaylistView, report: Report): void {
  const variants = linesOf(view, '#EXT-X-STREAM-INF').map(({ line }) => ({ line, isUri: false }))
  if (variants.length === 0) report('variants-missing', 1)
  const uris = uriLines(view.scanned).map(({ line }) => ({ line: line + 1, isUri: true }))
  let open: number | undefined
  for (const { line, isUri } of [...variants, ...uris].sort((one, other) => one.line - other.line)) {
    if (isUri && open === undefined) report('stream-inf-missing', line)
    if (!isUri && open !== undefined) report('stream-inf-uri-missing', open)
    open = isUri ? undefined : line
  }
  if (open !== undefined) report('stream-inf-uri-missing', open)
}

function checkBandwidths(view: PlaylistView, report: Report): void {
  for (const tag of ['#EXT-X-STREAM-INF', '#EXT-X-I-FRAME-STREAM-INF']) {
    for (const { line, attributes } of linesOf(view, tag)) {
      if (!/^\d+$/.test(attributes.get('BANDWIDTH') ?? '')) report('bandwidth-missing', line)
    }
  }
}

function checkIFrames(view: PlaylistView, report: Report): void {
  for (const { line, attributes, isMalformed } of linesOf(view, '#EXT-X-I-FRAME-STREAM-INF')) {
    if (!isMalformed && !attributes.get('URI')) report('i-frame-uri-missing', line)
  }
}

function checkRenditions(view: PlaylistView, report: Report): void {
  for (const { line, attributes, isMalformed } of linesOf(view, '#EXT-X-MEDIA')) {
    const type = attributes.get('TYPE')
    const hasUri = attributes.has('URI')
    if (isMalformed) continue
    if (!type || !attributes.get('GROUP-ID') || !attributes.get('NAME')) report('media-incomplete', line)
    if (type && !MEDIA_TYPES.includes(type)) report('media-type-unknown', line)
    if (type === 'SUBTITLES' && !hasUri) report('subtitles-uri-missing', line)
    if (type !== 'CLOSED-CAPTIONS') continue
    if (hasUri) report('closed-captions-uri', line)
    if (!attributes.get('INSTREAM-ID')) report('closed-captions-instream-id-missing', line)
  }
}

function checkSelection(view: PlaylistView, report: Report): void {
  for (const { line, attributes } of linesOf(view, '#EXT-X-MEDIA')) {
    const type = attributes.get('TYPE')
    const isDefault = attributes.get('DEFAULT') === 'YES'
    if (isDefault && attributes.get('AUTOSELECT') === 'NO') report('media-default-not-selected', line)
    if (type && type !== 'SUBTITLES' && attributes.has('FORCED')) report('media-forced-misplaced', line)
  }
}

function checkGroups(view: PlaylistView, report: Report): void {
  const groups = new Set<string>()
  const names = new Set<string>()
  const groupsWithDefault = new Set<string>()
  for (const { line, attributes } of linesOf(view, '#EXT-X-MEDIA')) {
    const group = groupKey(attributes.get('TYPE'), attributes.get('GROUP-ID'))
    const name = `${group}\n${attributes.get('NAME')}`
    const isDefault = attributes.get('DEFAULT') === 'YES'
    if (names.has(name)) report('media-name-repeated', line)
    if (isDefault && groupsWithDefault.has(group)) report('media-default-repeated', line)
    groups.add(group)
    names.add(name)
    if (isDefault) groupsWithDefault.add(group)
  }
  for (const { line, attributes } of linesOf(view, '#EXT-X-STREAM-INF')) {
    const named = MEDIA_TYPES.filter((type) => attributes.has(type) && attributes.get(type) !== 'NONE')
    if (named.some((type) => !groups.has(groupKey(type, attributes.get(type))))) report('group-undefined', line)
  }
}

function groupKey(type: string | undefined, id: string | undefined): string {
  return `${type}\n${id}`
}

function checkSession(view: PlaylistView, report: Report): void {
  for (const { line, attributes, isMalformed } of linesOf(view, '#EXT-X-SESSION-DATA')) {
    if (!isMalformed && !attributes.get('DATA-ID')) report('session-data-id-missing', line)
  }
  for (const { line, attributes } of linesOf(view, '#EXT-X-SESSION-KEY')) {
    if (attributes.get('METHOD') === 'NONE') report('session-key-none', line)
  }
}

/** Variants, renditions and what holds for all of them. */
export const MULTIVARIANT_RULES: readonly Rule[] = [
  checkVariants,
  checkBandwidths,
  checkIFrames,
  checkRenditions,
  checkSelection,
  checkGroups,
  checkSession,
]
