import { MAX_FOLDERS_SEARCHED, MAX_NAME_BYTES } from '../limits.ts'
import { formatName, parseName } from '../names.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys, toBytes } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'

const NOTHING = new Uint8Array(0)

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

/** Writes down that a media playlist is one of those that a multivariant playlist can be made of, unless that is known. */
export function renditionMark(journal: Journal, app: string, name: string): JournalWrite[] {
  const adaptive = adaptiveName(name)
  if (adaptive === undefined) return []
  const key = keys.rendition(app, baseName(adaptive), name)
  return journal.get(key) === undefined ? [{ key, value: NOTHING }] : []
}

/**
 * The media playlists that a multivariant playlist of this name can be made of: those in its folder, or else those further
 * down, where each name is there once. `ownerOf` tells whose a served one is; undefined of those that are not served.
 */
export function renditionsOf(
  journal: Journal,
  app: string,
  adaptive: string,
  ownerOf: (name: string) => string | undefined,
): readonly string[] {
  const folder = folderOf(adaptive)
  const base = baseName(adaptive)
  const { role, ...stream } = parseName(base)
  const marked = (prefix: string) => [...firstNames(journal, keys.rendition(app, base, prefix))]
  const isServed = (name: string) => ownerOf(name) !== undefined
  const beside = marked(folder + formatName({ ...stream, extension: '' }))
  const here = beside.filter((name) => folderOf(name) === folder && isServed(name))
  if (here.length > 0) return ofOneOwner(here, ownerOf)
  const all = marked(folder)
  const below = all.filter(isServed)
  const isCertain = all.length < MAX_FOLDERS_SEARCHED && new Set(below.map(baseName)).size === below.length
  return isCertain ? ofOneOwner(below, ownerOf) : []
}

/** The names behind U+0001 of the first MAX_FOLDERS_SEARCHED keys with a prefix. */
function* firstNames(journal: Journal, prefix: string): Generator<string> {
  let looked = 0
  for (const [key] of journal.entries(prefix)) {
    yield key.slice(key.indexOf('\u0001') + 1)
    if (++looked >= MAX_FOLDERS_SEARCHED) return
  }
}

/**
 * Those that one key may have sent: the key of their stream or folder, and keys of the whole app. A key of another stream can
 * send what looks like a rendition of this one, as that of `cam_240p`.
 */
function ofOneOwner(names: readonly string[], ownerOf: (name: string) => string | undefined): readonly string[] {
  const owned = names.map((name) => ({ name, owner: ownerOf(name) ?? '' }))
  const rightful = owned.filter(({ name, owner }) => mayOwn(owner, name))
  const owners = new Set(rightful.map(({ owner }) => owner).filter((owner) => owner !== ''))
  const [only] = owners
  const stream = parseName(baseName(names[0] ?? '')).stream
  const chosen = owners.size > 1 ? stream : only
  return rightful.filter(({ owner }) => owner === '' || owner === chosen).map(({ name }) => name)
}

function mayOwn(owner: string, name: string): boolean {
  return owner === '' || owner === parseName(baseName(name)).stream || name.startsWith(`${owner}/`)
}
