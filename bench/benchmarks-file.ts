import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BENCHMARKS = fileURLToPath(new URL('../BENCHMARKS.md', import.meta.url))
/** The heading that the second part of BENCHMARKS.md begins with. */
export const PLAYLISTS_HEADING = '## Playlists that grow'

/** Writes one part of BENCHMARKS.md, uploads or playlists, and keeps the other. */
export function writePart(part: 'uploads' | 'playlists', text: string): void {
  const before = readFileSync(BENCHMARKS, 'utf8')
  const found = before.indexOf(PLAYLISTS_HEADING)
  const at = found < 0 ? before.length : found
  const parts = part === 'uploads' ? [text, before.slice(at)] : [before.slice(0, at), text]
  const kept = parts.map((one) => one.trimEnd()).filter((one) => one !== '')
  writeFileSync(BENCHMARKS, `${kept.join('\n\n')}\n`)
}
