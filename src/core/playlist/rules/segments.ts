import { BYTE_RANGE } from '../tags.ts'
import { linesByEntry, linesOf, type PlaylistView, type Report, type Rule } from './view.ts'

const SECONDS = /^(?:\d+(?:\.\d*)?|\.\d+)\s*(?:,|$)/
const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])(?::[0-5]\d){1,2}(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/

function checkDurations(view: PlaylistView, report: Report): void {
  for (const [entry, lines] of linesByEntry(view, '#EXTINF')) {
    const [first, second] = lines
    if (entry !== undefined && first === undefined) report('extinf-missing', entry.uriLine + 1)
    if (entry !== undefined && second !== undefined) report('extinf-repeated', second.line)
    for (const { line, value } of lines) {
      if (!SECONDS.test(value)) report('extinf-invalid', line)
    }
  }
}

function checkTarget(view: PlaylistView, report: Report): void {
  const target = view.parsed.targetDuration
  if (target === undefined) return
  let index = 0
  for (const [, lines] of linesByEntry(view, '#EXTINF')) {
    const duration = view.parsed.entries[index++]?.duration ?? 0
    const last = lines.at(-1)
    if (last !== undefined && Math.round(duration) > target) report('target-duration-exceeded', last.line)
  }
}

function checkRanges(view: PlaylistView, report: Report): void {
  let before = view.skipped.rangeEnd?.uri
  for (const [entry, lines] of linesByEntry(view, '#EXT-X-BYTERANGE')) {
    for (const { line, value } of lines) {
      const [match, , offset] = BYTE_RANGE.exec(value) ?? []
      if (match === undefined) report('byterange-invalid', line)
      else if (offset === undefined && entry !== undefined && before !== entry.uri) {
        report('byterange-offset-missing', line)
      }
    }
    before = entry?.range === undefined ? undefined : entry.uri
  }
}

function checkDates(view: PlaylistView, report: Report): void {
  for (const { line, value } of linesOf(view, '#EXT-X-PROGRAM-DATE-TIME')) {
    if (!DATE_TIME.test(value)) report('date-time-invalid', line)
  }
}

function checkBitrates(view: PlaylistView, report: Report): void {
  for (const { line, value } of linesOf(view, '#EXT-X-BITRATE')) {
    if (!/^\d+$/.test(value)) report('bitrate-invalid', line)
  }
}

function checkDangling(view: PlaylistView, report: Report): void {
  const end = view.scanned.entries.at(-1)?.uriLine ?? -1
  for (const tag of ['#EXTINF', '#EXT-X-BYTERANGE', '#EXT-X-GAP']) {
    const last = linesOf(view, tag).at(-1)
    if (last !== undefined && last.line > end) report('tag-dangling', last.line)
  }
}

/** Tags of media segments. */
export const SEGMENT_RULES: readonly Rule[] = [
  checkDurations,
  checkTarget,
  checkRanges,
  checkDates,
  checkBitrates,
  checkDangling,
]
