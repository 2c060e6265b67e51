import type { Catalog } from '../catalog.ts'
import type { Clock, Journal } from '../ports.ts'
import { type Acceptance, keys, readJson, type StoredObject, splitAppKey } from '../records.ts'
import { slices } from './slices.ts'
import { isOfStream, type StreamFiles } from './upload-watch.ts'

/** What uploads are found by. */
export interface YoungUploadsParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly catalog: Catalog
}

/**
 * Whether something of these files came behind the list of id `lastId` less than `ms` ago, which no list names yet: their encoder may be
 * back. Of the same bytes again nobody knows how long ago that was.
 */
export async function hasYoungUploads(
  { clock, journal, catalog }: YoungUploadsParts,
  files: StreamFiles,
  lastId: string,
  ms: number,
): Promise<boolean> {
  const { app } = files
  const isOwn = ({ name, owner }: StoredObject) => isOfStream(files, { app, name, owner })
  const isYoung = (object: StoredObject) => clock.now() - object.acceptedAt < ms && isOwn(object)
  for (const prefix of prefixesOf(files)) {
    for await (const slice of slices(clock, journal.entries(keys.object(app, prefix)))) {
      const objects = slice.flatMap(([key]) => catalog.object(app, splitAppKey(key).name) ?? [])
      if (objects.some((object) => object.id > lastId && isYoung(object))) return true
    }
    for await (const slice of slices(clock, journal.entries(keys.versions(app, prefix)))) {
      const later = slice.flatMap(([key]) => readJson<Acceptance[]>(journal, key) ?? []).filter(({ id }) => id > lastId)
      const objects = later.flatMap(({ stored }) => catalog.object(app, stored) ?? [])
      if (objects.some((object) => object.id <= lastId && isOwn(object))) return true
    }
  }
  return false
}

/** What the names of such files begin with. */
function prefixesOf({ stream, kinds }: StreamFiles): Set<string> {
  return new Set([stream, ...[...kinds].map((kind) => kind.split('\u0001')[0] ?? '')])
}
