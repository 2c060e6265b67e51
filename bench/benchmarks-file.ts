import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BENCHMARKS = fileURLToPath(new URL('../BENCHMARKS.md', import.meta.url))
/** The headings that the parts of BENCHMARKS.md begin with. */
export const UPLOADS_HEADING = '# Benchmarks'
export const PLAYLISTS_HEADING = '## Playlists that grow'
export const S3_HEADING = '## To a bucket'
export const RECORDINGS_HEADING = '## A day of recording, and clips of it'
const HEADINGS = [UPLOADS_HEADING, PLAYLISTS_HEADING, RECORDINGS_HEADING, S3_HEADING]

/** Writes the part of BENCHMARKS.md under a heading, and keeps the others. */
export function writePart(heading: string, text: string): void {
  const before = readFileSync(BENCHMARKS, 'utf8')
  const parts = HEADINGS.map((other) => (other === heading ? text : partOf(before, other)))
  const kept = parts.map((part) => part.trimEnd()).filter((part) => part !== '')
  writeFileSync(BENCHMARKS, `${kept.join('\n\n')}\n`)
}

/** From a heading to the next part. */
function partOf(document: string, heading: string): string {
  const at = document.indexOf(`${heading}\n`)
  if (at < 0) return ''
  const ends = HEADINGS.map((other) => document.indexOf(`${other}\n`)).filter((end) => end > at)
  return document.slice(at, Math.min(...ends, document.length))
}
