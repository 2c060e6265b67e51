import { RUN_TOGETHER_MS } from '../limits.ts'
import { formatName, parseName } from '../names.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import { renderMultivariant } from '../playlist/multivariant.ts'
import { type ScannedPlaylist, scanLines, splitLines } from '../playlist/scan.ts'
import type { ServedPlaylist } from '../playlist-text.ts'
import type { Journal } from '../ports.ts'
import { toBytes, toText } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { type RecordedRun, runsOf } from './runs.ts'

/** A multivariant playlist as it is served, and who finds what it leads to. */
export interface Presentation {
  readonly app: string
  readonly name: string
  readonly served: ServedPlaylist
  readonly lookup: UriLookup
}

/** The runs of a presentation, oldest first: what its renditions began together is one. */
export function runsOfVariants(journal: Journal, { app, name, served, lookup }: Presentation): RecordedRun[] {
  const lists = playlistUris(scan(served)).flatMap((uri) => lookup.stored(uri) ?? [])
  const all = [...new Set(lists)].flatMap((list) => runsOf(journal, app, list))
  const runs: RecordedRun[] = []
  for (const run of all.sort((one, other) => one.startedAt - other.startedAt)) {
    const { dateTime } = parseName(baseName(run.name))
    if (dateTime === undefined || runs.some((other) => areTogether(other, run))) continue
    const own = formatName({ ...parseName(baseName(name)), dateTime })
    runs.push({ name: folderOf(name) + own, startedAt: run.startedAt, number: 0 })
  }
  return runs
}

/** The multivariant playlist of one of those runs: it leads to the same run of each rendition that has one. */
export function variantsOfRun(
  journal: Journal,
  { app, served, lookup }: Presentation,
  run: RecordedRun,
): ServedPlaylist | undefined {
  const { text, variants } = renderMultivariant(scan(served), ({ role, uri }) => {
    if (role !== 'playlist') return uri
    const found = runsOf(journal, app, lookup.stored(uri) ?? '').find((other) => areTogether(run, other))
    return found && lookup.served(found.name)
  })
  return variants === 0 ? undefined : { bytes: toBytes(text), version: variants, publishedAt: run.startedAt }
}

function areTogether(one: RecordedRun, other: RecordedRun): boolean {
  return Math.abs(other.startedAt - one.startedAt) < RUN_TOGETHER_MS
}

function scan({ bytes }: ServedPlaylist): ScannedPlaylist {
  return scanLines(splitLines(toText(bytes)))
}

function playlistUris({ uris }: ScannedPlaylist): string[] {
  return uris.filter(({ role }) => role === 'playlist').map(({ uri }) => uri)
}
