import type { CarriedSite, ScannedPlaylist } from './scan.ts'
import { sharedSites } from './shared.ts'
import type { Timeline } from './timeline.ts'

/** A list without the entries that stand before the first one of its timeline: they are not served, nor bound. */
export function trimmed(scanned: ScannedPlaylist, { entries, run }: Timeline): ScannedPlaylist {
  const [first] = entries
  const count = scanned.entries.findIndex(({ number }) => number + run.offset === first?.number)
  return count > 0 ? withoutFirst(scanned, count) : scanned
}

function withoutFirst(scanned: ScannedPlaylist, count: number): ScannedPlaylist {
  const { entries, uris, lines } = scanned
  const firstLine = entries[count]?.firstLine ?? 0
  const further = (sharedSites(scanned)[count] ?? []).filter(({ line }) => line < firstLine)
  const carried = further.map(
    (site, index): CarriedSite => ({
      ...site,
      line: -1 - index,
      entry: -1,
      text: lines[site.line] ?? scanned.carried.find(({ line }) => line === site.line)?.text ?? '',
      served: '',
    }),
  )
  return {
    ...scanned,
    entries: entries.slice(count),
    uris: uris.filter(({ entry }) => entry >= count).map((site) => ({ ...site, entry: site.entry - count })),
    carried,
  }
}
