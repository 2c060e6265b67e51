import { archivePrefixes } from '../archive/archive.ts'
import { datedForgotten } from '../archive/dated.ts'
import { runsOf } from '../archive/runs.ts'
import type { Catalog } from '../catalog.ts'
import type { MultivariantRecord } from '../playlist-record.ts'
import type { PlaylistState } from '../playlist-states.ts'
import type { Clock, Journal, JournalWrite } from '../ports.ts'
import { keys, toBytes } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { renditionForgotten } from '../variants/stored-variants.ts'
import { addedFiles } from './added-files.ts'
import { namedFiles } from './named-files.ts'
import type { OpenEntriesParts } from './open-entries.ts'
import { itemDone, itemWrite, type RemovalNote } from './removal-note.ts'
import { slices } from './slices.ts'
import { isCalledAfter, isUseBy } from './uses.ts'

/** What forgets playlists. */
export interface ForgetPlaylistParts extends OpenEntriesParts {
  readonly catalog: Catalog
}

/** Writes down the files that a playlist's recording has, page by page; which of them may go turns out when others have gone too. */
export async function noteFiles(parts: ForgetPlaylistParts, note: RemovalNote, state: PlaylistState): Promise<void> {
  const { clock, journal } = parts
  const { app, name, record } = state
  if (record?.kind !== 'media') return
  for await (const slice of slices(clock, namedFiles(journal, app, name, record))) {
    await journal.commit([...new Set(slice)].flatMap((stored) => fileWrites(parts, note, name, stored)))
  }
  // It leads to none of them any more: whoever does is another.
  await journal.commit((await addedFiles(parts, note, name)).map((stored) => itemWrite(note.id, 'file', stored)))
}

function fileWrites(
  { catalog, journal }: ForgetPlaylistParts,
  note: RemovalNote,
  playlist: string,
  stored: string,
): JournalWrite[] {
  const isOwn = isCalledAfter(stored, playlist)
  const isNoted = journal.get(keys.use(note.app, stored, playlist)) !== undefined
  const isHere = catalog.object(note.app, stored) !== undefined
  return [
    ...(isNoted ? [{ key: keys.use(note.app, stored, playlist), value: null }] : []),
    ...(isHere ? [itemWrite(note.id, isOwn ? 'file' : 'shared', stored)] : []),
  ]
}

/** What makes a playlist one that is served no more: all that the journal has of it but its recording, and what is left to be done. */
export function unserved(journal: Journal, { id }: RemovalNote, state: PlaylistState): JournalWrite[] {
  const { app, name, record } = state
  const kind = record?.kind === 'multivariant' ? 'multivariant' : 'text'
  const folder = folderOf(name)
  const rendition = renditionForgotten(journal, state)
  const gone = [
    keys.playlist(app, name),
    keys.waiting(app, name),
    keys.asked(app, name),
    keys.live(app, name),
    ...(folder === '' ? [] : [keys.basename(app, baseName(name), folder)]),
    ...unstoredMarks(journal, state),
  ]
  return [
    ...gone.map((key) => ({ key, value: null })),
    ...datedForgotten(journal, state),
    ...rendition.writes,
    ...(rendition.made === undefined ? [] : [itemWrite(id, 'multivariant', rendition.made)]),
    itemDone(id, 'leading', name),
    itemDone(id, 'playlist', name),
    itemWrite(id, 'archive', name),
    itemWrite(id, kind, name),
    ...runsOf(journal, app, name).map((run) => itemWrite(id, 'text', run.name)),
  ]
}

/** What makes a multivariant playlist one that is served no more, but still waits for what it names: it will not be sent again. */
export function waitsAgain(
  journal: Journal,
  { id }: RemovalNote,
  state: PlaylistState,
  record: MultivariantRecord,
): JournalWrite[] {
  const { app, name } = state
  return [
    { key: keys.playlist(app, name), value: toBytes(JSON.stringify(record)) },
    { key: keys.waiting(app, name), value: new Uint8Array(0) },
    ...unstoredMarks(journal, state).map((key) => ({ key, value: null })),
    itemDone(id, 'leading', name),
    itemWrite(id, 'multivariant', name),
  ]
}

function unstoredMarks(journal: Journal, { app, name }: PlaylistState): string[] {
  return [...journal.entries(keys.unstoredPlaylist(app, name, ''))].map(([key]) => key)
}

/** Takes the recording of a playlist that is served no more out of the journal, page by page, and what it led to. */
export async function forgetRecording(clock: Clock, journal: Journal, note: RemovalNote, name: string): Promise<void> {
  const { app, id } = note
  for (const prefix of [...archivePrefixes({ app, name }), keys.chunks(app, name, '')]) {
    for await (const slice of slices(clock, journal.entries(prefix))) {
      await journal.commit(slice.map(([key]) => ({ key, value: null })))
    }
  }
  // Its entries need not have been there to the end: what went with some of them is noted still.
  for await (const slice of slices(clock, journal.entries(keys.usesIn(app)))) {
    const own = slice.filter(([key]) => isUseBy(key, name))
    if (own.length > 0) await journal.commit(own.map(([key]) => ({ key, value: null })))
  }
  await journal.commit([itemDone(id, 'archive', name)])
}
