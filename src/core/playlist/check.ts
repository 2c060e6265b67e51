import { FINDINGS, type Finding, type FindingCode } from './findings.ts'
import type { ParsedPlaylist } from './parse.ts'
import { ATTRIBUTE_RULES } from './rules/attributes.ts'
import { KEY_RULES } from './rules/keys.ts'
import { LOW_LATENCY_RULES } from './rules/low-latency.ts'
import { MULTIVARIANT_RULES } from './rules/multivariant.ts'
import { PLAYLIST_RULES } from './rules/playlist.ts'
import { checkReadings } from './rules/readings.ts'
import { SEGMENT_RULES } from './rules/segments.ts'
import { checkVersion } from './rules/version.ts'
import { type Rule, viewOf } from './rules/view.ts'
import { NOTHING_SKIPPED, type ScannedPlaylist, type Skipped } from './scan.ts'

/** Most findings of one playlist; errors go before warnings. */
export const MAX_FINDINGS = 100

const COMMON_RULES: readonly Rule[] = [...ATTRIBUTE_RULES, ...PLAYLIST_RULES, ...KEY_RULES, checkVersion]
const MEDIA_RULES: readonly Rule[] = [...SEGMENT_RULES, ...LOW_LATENCY_RULES]

/** Holds a playlist against RFC 8216bis: at most MAX_FINDINGS findings, sorted by line. Linear. */
export function checkPlaylist(
  scanned: ScannedPlaylist,
  parsed: ParsedPlaylist,
  skipped: Skipped = NOTHING_SKIPPED,
): Finding[] {
  const found = new Map<FindingCode, number[]>()
  const report = (code: FindingCode, line: number) => {
    const lines = found.get(code)
    if (lines === undefined) found.set(code, [line])
    else if (lines.length < MAX_FINDINGS) lines.push(line)
  }
  const view = viewOf(scanned, parsed, skipped)
  for (const rule of COMMON_RULES) rule(view, report)
  for (const rule of scanned.kind === 'media' ? MEDIA_RULES : MULTIVARIANT_RULES) rule(view, report)
  const isInError = [...found.keys()].some((code) => FINDINGS[code].severity === 'error')
  if (!isInError) checkReadings(view, report)
  return firstOf([...found].flatMap(([code, lines]) => lines.map((line) => toFinding(code, line))))
}

function toFinding(code: FindingCode, line: number): Finding {
  const { severity, section } = FINDINGS[code]
  return { code, line, severity, section }
}

function firstOf(findings: readonly Finding[]): Finding[] {
  const byLine = findings.toSorted((one, other) => one.line - other.line)
  const errors = byLine.filter(({ severity }) => severity === 'error')
  const warnings = byLine.filter(({ severity }) => severity === 'warning')
  return [...errors, ...warnings].slice(0, MAX_FINDINGS).sort((one, other) => one.line - other.line)
}
