import { MAX_FOLDERS_SEARCHED, MAX_NAME_BYTES } from '../limits.ts'
import { formatName, parseName } from '../names.ts'
import type { PlaylistRecord } from '../playlist-record.ts'
import type { PlaylistState } from '../playlist-states.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys, toBytes } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'

const NOTHING = new Uint8Array(0)
/** The owner of what came with a key of the whole app, or where there are no keys. */
const APP = ''

/**
 * The name of the multivariant playlist that a media playlist belongs to, as Ant Media Server calls it and beside it: of
 * `cam.m3u8` and `cam_240p500kbps.m3u8` it is `cam_adaptive.m3u8`. Undefined of names that are none of a media playlist.
 */
export function adaptiveName(name: string): string | undefined {
  const { stream, dateTime, role, extension } = parseName(baseName(name))
  if (extension !== 'm3u8' || role !== undefined) return undefined
  const own = formatName({ stream, ...(dateTime === undefined ? {} : { dateTime }), role: 'adaptive', extension })
  return toBytes(own).length > MAX_NAME_BYTES ? undefined : folderOf(name) + own
}

/** Writes down whose a media playlist is of which a multivariant one can be made, once it is served, unless that is known. */
export function renditionMarks(
  journal: Journal,
  { app, name, record: before }: Pick<PlaylistState, 'app' | 'name' | 'record'>,
  record: PlaylistRecord | undefined,
): JournalWrite[] {
  const old = markKey(app, name, before)
  const now = record?.served === undefined ? undefined : markKey(app, name, record)
  const isKnown = (key: string) => journal.get(key) !== undefined
  return [
    ...(now === undefined || isKnown(now) ? [] : [{ key: now, value: NOTHING }]),
    ...(old === undefined || old === now || !isKnown(old) ? [] : [{ key: old, value: null }]),
  ]
}

function markKey(app: string, name: string, record: PlaylistRecord | undefined): string | undefined {
  const adaptive = adaptiveName(name)
  if (adaptive === undefined || record?.kind !== 'media') return undefined
  return keys.rendition(app, baseName(adaptive), record.owner, name)
}

/**
 * The media playlists that a multivariant playlist of this name is made of: those in its folder, or else those further down,
 * where each name is there once. What keys cannot have sent that are none of its stream or folder does not count at all: a key of
 * another stream can send what looks like a rendition of this one, as that of `cam_240p`.
 */
export function renditionsOf(journal: Journal, app: string, adaptive: string): readonly string[] {
  const folder = folderOf(adaptive)
  const base = baseName(adaptive)
  const here = ofOneOwner(adaptive, (owner) => firstNames(journal, keys.renditionsIn(app, base, owner, folder)))
  if (here.length > 0) return here
  const below = ofOneOwner(adaptive, (owner) => firstNames(journal, keys.renditionsBelow(app, base, owner, folder)))
  const isCertain = below.length < MAX_FOLDERS_SEARCHED && new Set(below.map(baseName)).size === below.length
  return isCertain ? below : []
}

/** Those of the whole app, and those of the first key that has some: the key of a folder, or else that of the stream. */
function ofOneOwner(adaptive: string, namesOf: (owner: string) => readonly string[]): readonly string[] {
  const folders = folderOf(adaptive).split('/').slice(0, -1)
  const owners = folders.map((_, index) => folders.slice(0, index + 1).join('/'))
  const { stream } = parseName(baseName(adaptive))
  for (const owner of [...owners, stream]) {
    const own = namesOf(owner)
    if (own.length > 0) return [...namesOf(APP), ...own].sort()
  }
  return namesOf(APP)
}

/** The names of the first MAX_FOLDERS_SEARCHED marks with a prefix. */
function firstNames(journal: Journal, prefix: string): readonly string[] {
  const names: string[] = []
  for (const [key] of journal.entries(prefix)) {
    const [, , folder = '', base = ''] = key.split('\u0001')
    names.push(folder + base)
    if (names.length >= MAX_FOLDERS_SEARCHED) break
  }
  return names
}
