import { goesToS3, type UploadedKind } from '../config/product-settings.ts'
import type { Config } from '../config/schema.ts'
import type { Journal } from '../core/ports.ts'
import { jsonWrite, keys, readJson } from '../core/records.ts'

/** A kind of files, and where some of them may lie; what is made of recordings is on the disk first, in any case. */
export type Place = 'hls on disk' | `${UploadedKind} in bucket`

/** Where a receiver put HLS that did not remember it yet. */
const BEFORE: readonly Place[] = ['hls on disk', 'hls in bucket']

/**
 * Where files may lie: where they go now, and where they went in earlier lives of this receiver, which it remembers in its journal. Only
 * there it is looked for them.
 */
export async function usedPlaces(journal: Journal, config: Config): Promise<ReadonlySet<Place>> {
  const isNew = journal.get(keys.lastId) === undefined
  const known = readJson<Place[]>(journal, keys.places) ?? (isNew ? [] : BEFORE)
  const kinds = (['hls', 'vod', 'preview'] as const).filter((kind) => goesToS3(config, kind))
  const inBucket = kinds.map((kind): Place => `${kind} in bucket`)
  const now: readonly Place[] = kinds.includes('hls') ? inBucket : ['hls on disk', ...inBucket]
  const places = [...new Set([...known, ...now])].sort()
  if (readJson<Place[]>(journal, keys.places)?.length !== places.length) {
    await journal.commit([jsonWrite(keys.places, places)])
  }
  return new Set(places)
}
