import { type Catalog, sharesKey } from '../catalog.ts'
import { mayBelongTo } from '../names.ts'
import type { Clock } from '../ports.ts'
import { type Acceptance, keys, readJson, type StoredObject, splitAppKey } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import { type MayGoParts, mayGo } from './may-go.ts'
import { streamsAlike } from './other-playlists.ts'
import { itemWrite, type RemovalNote } from './removal-note.ts'
import { slices } from './slices.ts'

/** What files are looked for that no playlist named. */
export interface StraysParts extends MayGoParts {
  readonly clock: Clock
  readonly catalog: Catalog
}

/**
 * Writes down the files of a stream that no playlist ever named, by the grammar of names, unless they look like another stream's. `going`
 * are streams whose playlists are known no more, since they are being removed, too.
 */
export async function noteStrays(parts: StraysParts, note: RemovalNote, going: readonly string[]): Promise<void> {
  const { clock, journal } = parts
  const alike = await streamsAlike(clock, journal, note.app, note.stream)
  const beside = going.filter((other) => folderOf(other) === folderOf(note.stream)).map(baseName)
  const others = [...alike, ...beside.filter((other) => other.length > baseName(note.stream).length)]
  // Most files have their own names; the others are found by the names that they came under.
  for await (const slice of slices(clock, journal.entries(keys.object(note.app, note.stream)))) {
    await noteAll(
      parts,
      note,
      others,
      slice.flatMap(([key]) => parts.catalog.object(note.app, storedOf(key)) ?? []),
    )
  }
  for await (const slice of slices(clock, journal.entries(keys.versions(note.app, note.stream)))) {
    const uploads = slice.flatMap(([key]) => readJson<Acceptance[]>(journal, key) ?? [])
    await noteAll(
      parts,
      note,
      others,
      uploads.flatMap(({ stored }) => parts.catalog.object(note.app, stored) ?? []),
    )
  }
}

async function noteAll(
  parts: StraysParts,
  note: RemovalNote,
  alike: readonly string[],
  objects: readonly StoredObject[],
): Promise<void> {
  const strays = objects.filter((object) => isStray(parts, note, alike, object))
  await parts.journal.commit(strays.map(({ stored }) => itemWrite(note.id, 'file', stored)))
}

function isStray(
  parts: StraysParts,
  note: RemovalNote,
  alike: readonly string[],
  { name, stored, owner }: StoredObject,
): boolean {
  const { stream, owners } = note
  const base = baseName(name)
  if (folderOf(name) !== folderOf(stream) || !mayBelongTo(base, baseName(stream))) return false
  // Theirs may be what they show only when their recording is read, as what came late for a hole of a shorter name's.
  if (alike.some((other) => mayBelongTo(base, other)) || !owners.some((each) => sharesKey(each, owner))) return false
  return mayGo(parts, { ...note, id: note.straysTo ?? note.id }, { kind: 'file', stored, name })
}

/** The stored name of an object's journal key. */
function storedOf(key: string): string {
  return splitAppKey(key).name
}
