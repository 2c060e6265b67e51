import { parseName } from '../names.ts'
import { scanLines, splitLines } from '../playlist/scan.ts'
import { type PlaylistRecord, parsePlaylistRecord } from '../playlist-record.ts'
import type { Clock, Journal } from '../ports.ts'
import { keys, splitAppKey } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { storedName } from './named-files.ts'
import { slices } from './slices.ts'

/** A multivariant playlist that leads to some that are meant. */
export interface LeadingPlaylist {
  readonly name: string
  /** It leads to no other. */
  readonly isWhole: boolean
}

/** The multivariant playlists of an app that are served and lead to playlists that are meant. */
export async function leadingTo(
  clock: Clock,
  journal: Journal,
  app: string,
  isMeant: (name: string) => boolean,
): Promise<LeadingPlaylist[]> {
  const found: LeadingPlaylist[] = []
  for await (const slice of slices(clock, journal.entries(keys.playlist(app, '')))) {
    for (const [key, value] of slice) {
      const { name } = splitAppKey(key)
      if (isMeant(name)) continue
      const variants = variantsOf(parsePlaylistRecord(value), name)
      if (variants.some(isMeant)) found.push({ name, isWhole: variants.every(isMeant) })
    }
  }
  return found
}

/** The playlists that a multivariant one leads to as it is served; none for others. */
export function variantsOf({ kind, served }: PlaylistRecord, name: string): string[] {
  if (kind !== 'multivariant' || served === undefined) return []
  const sites = scanLines(splitLines(served.head)).uris.filter(({ role }) => role === 'playlist')
  return sites.flatMap(({ uri }) => storedName(uri, name) ?? [])
}

/**
 * Streams in the folder of `stream` that are known by their playlists, and whose names begin like it, or with it: files of one may
 * look like those of the other.
 */
export async function streamsAlike(clock: Clock, journal: Journal, app: string, stream: string): Promise<string[]> {
  const folder = folderOf(stream)
  const own = baseName(stream)
  const found = new Set<string>()
  for await (const slice of slices(clock, journal.entries(keys.playlist(app, folder)))) {
    for (const [key] of slice) {
      const { name } = splitAppKey(key)
      const other = parseName(baseName(name)).stream
      const isAlike = other !== own && (other.startsWith(own) || own.startsWith(other))
      if (isAlike && folderOf(name) === folder) found.add(other)
    }
  }
  return [...found]
}

/** The playlists of a stream, given with its folder; by the grammar of names. */
export function playlistsOf(journal: Journal, app: string, stream: string): string[] {
  const folder = folderOf(stream)
  const names = [...playlistNames(journal, app, stream)]
  return names.filter((name) => folderOf(name) === folder && parseName(baseName(name)).stream === baseName(stream))
}

function* playlistNames(journal: Journal, app: string, prefix: string): Generator<string> {
  for (const [key] of journal.entries(keys.playlist(app, prefix))) yield splitAppKey(key).name
}
