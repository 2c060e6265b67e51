import { linesOf, type PlaylistView, type Report, type Rule } from './view.ts'

const WHOLE = /^\d+$/
const SIGNED_DECIMAL = /^-?\d+(?:\.\d*)?$/
const DECIMAL = /^\d+(?:\.\d*)?$/
/** Tags that may stand in a playlist only once; EXT-X-MEDIA-SEQUENCE has a rule of its own. */
const ONCE = [
  '#EXTM3U',
  '#EXT-X-VERSION',
  '#EXT-X-TARGETDURATION',
  '#EXT-X-DISCONTINUITY-SEQUENCE',
  '#EXT-X-ENDLIST',
  '#EXT-X-PLAYLIST-TYPE',
  '#EXT-X-I-FRAMES-ONLY',
  '#EXT-X-PART-INF',
  '#EXT-X-SERVER-CONTROL',
  '#EXT-X-INDEPENDENT-SEGMENTS',
  '#EXT-X-START',
]
/** Tags that only media playlists have (RFC 8216bis sections 4.4.3 and 4.4.4). */
const MEDIA_TAGS = [
  '#EXTINF',
  '#EXT-X-TARGETDURATION',
  '#EXT-X-MEDIA-SEQUENCE',
  '#EXT-X-DISCONTINUITY-SEQUENCE',
  '#EXT-X-ENDLIST',
  '#EXT-X-PLAYLIST-TYPE',
  '#EXT-X-I-FRAMES-ONLY',
  '#EXT-X-PART-INF',
  '#EXT-X-SERVER-CONTROL',
  '#EXT-X-BYTERANGE',
  '#EXT-X-DISCONTINUITY',
  '#EXT-X-KEY',
  '#EXT-X-MAP',
  '#EXT-X-PROGRAM-DATE-TIME',
  '#EXT-X-GAP',
  '#EXT-X-BITRATE',
  '#EXT-X-PART',
]

/** Tags that only multivariant playlists have, although they do not make a playlist one (RFC 8216bis section 4.4.6). */
const SESSION_TAGS = ['#EXT-X-SESSION-DATA', '#EXT-X-SESSION-KEY', '#EXT-X-CONTENT-STEERING']

function checkOnce(view: PlaylistView, report: Report): void {
  for (const tag of ONCE) {
    const second = linesOf(view, tag)[1]
    if (second !== undefined) report('tag-repeated', second.line)
  }
}

function checkKinds(view: PlaylistView, report: Report): void {
  if (view.scanned.kind === 'media') return
  const lines = MEDIA_TAGS.flatMap((tag) => linesOf(view, tag)[0]?.line ?? [])
  if (lines.length > 0) report('playlist-kinds-mixed', Math.min(...lines))
}

function checkSessionTags(view: PlaylistView, report: Report): void {
  if (view.scanned.kind === 'multivariant') return
  for (const { line } of SESSION_TAGS.flatMap((tag) => linesOf(view, tag))) report('session-tag-misplaced', line)
}

function checkTargetDuration(view: PlaylistView, report: Report): void {
  if (view.scanned.kind === 'multivariant') return
  const lines = linesOf(view, '#EXT-X-TARGETDURATION')
  if (lines.length === 0) report('target-duration-missing', 1)
  for (const { line, value } of lines) {
    if (!DECIMAL.test(value)) report('target-duration-invalid', line)
    else if (!WHOLE.test(value) || Number(value) === 0) report('target-duration-not-whole', line)
  }
}

function checkMediaSequence(view: PlaylistView, report: Report): void {
  const [first, second] = linesOf(view, '#EXT-X-MEDIA-SEQUENCE')
  if (first === undefined) return
  if (!isWholeNumber(first.value)) report('media-sequence-invalid', first.line)
  if (first.line > firstSegmentLine(view)) report('media-sequence-late', first.line)
  if (second !== undefined) report('media-sequence-repeated', second.line)
}

function checkDiscontinuitySequence(view: PlaylistView, report: Report): void {
  const [tag] = linesOf(view, '#EXT-X-DISCONTINUITY-SEQUENCE')
  if (tag === undefined) return
  if (!isWholeNumber(tag.value)) report('discontinuity-sequence-invalid', tag.line)
  const discontinuity = linesOf(view, '#EXT-X-DISCONTINUITY')[0]?.line ?? Number.POSITIVE_INFINITY
  if (tag.line > Math.min(firstSegmentLine(view), discontinuity)) report('discontinuity-sequence-late', tag.line)
}

function isWholeNumber(value: string): boolean {
  return WHOLE.test(value) && Number.isSafeInteger(Number(value))
}

function firstSegmentLine({ scanned }: PlaylistView): number {
  return (scanned.entries[0]?.uriLine ?? Number.POSITIVE_INFINITY) + 1
}

function checkEnd(view: PlaylistView, report: Report): void {
  const [end] = linesOf(view, '#EXT-X-ENDLIST')
  const last = view.scanned.entries.at(-1)
  if (end !== undefined && last !== undefined && last.uriLine >= end.line) report('endlist-early', end.line)
}

function checkType(view: PlaylistView, report: Report): void {
  for (const { line, value } of linesOf(view, '#EXT-X-PLAYLIST-TYPE')) {
    if (value !== 'EVENT' && value !== 'VOD') report('playlist-type-unknown', line)
  }
}

function checkStart(view: PlaylistView, report: Report): void {
  for (const { line, attributes, isMalformed } of linesOf(view, '#EXT-X-START')) {
    const offset = attributes.get('TIME-OFFSET') ?? ''
    if (!isMalformed && !SIGNED_DECIMAL.test(offset)) report('start-offset-missing', line)
  }
}

/** Tags of the whole playlist. */
export const PLAYLIST_RULES: readonly Rule[] = [
  checkOnce,
  checkKinds,
  checkSessionTags,
  checkTargetDuration,
  checkMediaSequence,
  checkDiscontinuitySequence,
  checkEnd,
  checkType,
  checkStart,
]
