import type { ScannedPlaylist } from './scan.ts'

/** The encoder's own lines with other URIs: `replacements[i]` stands for `uris[i]`, undefined leaves it. */
export function renderPlaylist(scanned: ScannedPlaylist, replacements: readonly (string | undefined)[]): string {
  const lines = [...scanned.lines]
  for (const [index, site] of scanned.uris.entries()) {
    const replacement = replacements[index]
    const line = scanned.lines[site.line]
    if (replacement === undefined || line === undefined) continue
    lines[site.line] = line.slice(0, site.start) + replacement + line.slice(site.end)
  }
  return `${lines.join('\n')}\n`
}
