import { mayBelongTo } from '../names.ts'
import { parsePlaylistRecord } from '../playlist-record.ts'
import type { Clock, Journal } from '../ports.ts'
import { keys } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import type { Leaving } from './leaving.ts'
import { namedFiles } from './named-files.ts'
import { playlistsOf, streamsAlike } from './other-playlists.ts'
import { hasItem, itemDone, itemsOf, type RemovalNote } from './removal-note.ts'
import { slices } from './slices.ts'

/** What spares files. */
export interface SpareNamedParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly leaving: Leaving
}

/**
 * Crosses off the files that playlists of other streams name whose files are called alike (`cam1` and `cam12`): nobody noted down what
 * is called after its own stream. Reads their recordings, but only where a file may be theirs by its name.
 */
export async function spareNamed({ clock, journal, leaving }: SpareNamedParts, note: RemovalNote): Promise<void> {
  const { id, app, stream, playlists } = note
  const alike = await streamsAlike(clock, journal, app, stream)
  const siblings = playlists === undefined ? [] : [baseName(stream)]
  const claiming = await claimingStreams(clock, journal, note, [...alike, ...siblings])
  for (const other of claiming) {
    for (const name of playlistsOf(journal, app, folderOf(stream) + other)) {
      const bytes = journal.get(keys.playlist(app, name))
      const record = bytes === undefined ? undefined : parsePlaylistRecord(bytes)
      if (record?.kind !== 'media') continue
      for await (const named of slices(clock, namedFiles(journal, app, name, record))) {
        const spared = named.filter((stored) => hasItem(journal, id, 'file', stored))
        if (spared.length > 0) await journal.commit(spared.map((stored) => itemDone(id, 'file', stored)))
        leaving.delete(app, spared)
      }
    }
  }
}

/** Of some streams, those that a file which is to go may belong to by its name. */
async function claimingStreams(
  clock: Clock,
  journal: Journal,
  { id }: RemovalNote,
  streams: readonly string[],
): Promise<Set<string>> {
  const claiming = new Set<string>()
  if (streams.length === 0) return claiming
  for await (const slice of slices(clock, itemsOf(journal, id, 'file'))) {
    for (const stored of slice) {
      for (const stream of streams) if (mayBelongTo(baseName(stored), stream)) claiming.add(stream)
    }
  }
  return claiming
}
