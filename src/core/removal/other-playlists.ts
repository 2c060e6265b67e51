import { parseName } from '../names.ts'
import { scanLines, splitLines } from '../playlist/scan.ts'
import { type PlaylistRecord, parsePlaylistRecord } from '../playlist-record.ts'
import type { Clock, Journal } from '../ports.ts'
import { keys, readJson, splitAppKey } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { storedName } from './named-files.ts'
import { hasItem, type RemovalNote } from './removal-note.ts'
import { slices } from './slices.ts'

/** The multivariant playlists of an app that name, or lead to, playlists that are meant. */
export async function leadingTo(
  clock: Clock,
  journal: Journal,
  app: string,
  isMeant: (name: string) => boolean,
): Promise<string[]> {
  const found: string[] = []
  for await (const slice of slices(clock, journal.entries(keys.playlist(app, '')))) {
    for (const [key, value] of slice) {
      const { name } = splitAppKey(key)
      if (!isMeant(name) && namedBy(parsePlaylistRecord(value), name).some(isMeant)) found.push(name)
    }
  }
  return found
}

/** The playlists that a multivariant one leads to as it is served; none for others. */
export function variantsOf({ kind, served }: PlaylistRecord, name: string): string[] {
  if (kind !== 'multivariant' || served === undefined) return []
  return playlistUris(served.head).flatMap((uri) => storedName(uri, name) ?? [])
}

/** Those that it leads to, has led to, and will lead to, as far as its URIs tell. */
function namedBy(record: PlaylistRecord, name: string): string[] {
  if (record.kind !== 'multivariant') return []
  const left = record.missing.flatMap(({ was }) => was ?? [])
  const meant = playlistUris(record.head).flatMap((uri) => storedName(uri, name) ?? [])
  return [...variantsOf(record, name), ...left, ...meant]
}

/**
 * Whether all that a multivariant playlist names has been there, and is gone, or meant. Of one that has not been there nobody knows
 * when it comes: its encoder will not send the multivariant playlist again.
 */
export function hasLostAll(
  journal: Journal,
  app: string,
  record: PlaylistRecord | undefined,
  isMeant: (name: string) => boolean = () => false,
): boolean {
  if (record?.kind !== 'multivariant') return false
  const left = new Map(record.missing.map(({ uri, was }) => [uri, was]))
  return playlistUris(record.head).every((uri) => {
    const was = left.get(uri)
    return was !== undefined && (isMeant(was) || isGone(journal, app, was))
  })
}

function playlistUris(text: string): string[] {
  return scanLines(splitLines(text)).uris.flatMap(({ role, uri }) => (role === 'playlist' ? [uri] : []))
}

/** Whether a playlist is removed, or it is written down that it will be. */
function isGone(journal: Journal, app: string, name: string): boolean {
  if (journal.get(keys.playlist(app, name)) === undefined) return true
  const removals = [...journal.entries(keys.removal(''))].flatMap(([key]) => readJson<RemovalNote>(journal, key) ?? [])
  return removals.some((note) => note.app === app && hasItem(journal, note.id, 'playlist', name))
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
