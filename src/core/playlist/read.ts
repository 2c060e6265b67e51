import { checkPlaylist } from './check.ts'
import type { Finding } from './findings.ts'
import { assertHarmless } from './guard.ts'
import { type ParsedPlaylist, parsePlaylist } from './parse.ts'
import { NOTHING_SKIPPED, type ScannedPlaylist, type Skipped, scanLines } from './scan.ts'

/** A playlist in both readings, and what the check found. */
export interface ReadPlaylist {
  readonly scanned: ScannedPlaylist
  readonly parsed: ParsedPlaylist
  readonly findings: readonly Finding[]
}

/**
 * Scans, parses and checks the lines of a playlist, or its own tags and the entries behind `skipped`. Throws
 * `playlist-invalid` for what may not be parsed, or cannot be; other errors are findings.
 */
export function readPlaylist(lines: readonly string[], skipped: Skipped = NOTHING_SKIPPED): ReadPlaylist {
  assertHarmless(lines)
  const scanned = scanLines(lines, skipped)
  const parsed = parsePlaylist(lines)
  return { scanned, parsed, findings: checkPlaylist(scanned, parsed, skipped) }
}
