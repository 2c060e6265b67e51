import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { durationOf } from '../archive/entry-times.ts'
import { countedUri, withSeconds } from '../archive/unnamed.ts'
import { segmentDuration } from '../duration/segment-duration.ts'
import { GAP_MEND_MS, MAX_MEASURED_BYTES, MAX_UNNAMED_SEGMENTS } from '../limits.ts'
import { attributeOf, hasTag } from '../playlist/tags.ts'
import type { BodyContent } from '../ports.ts'
import type { StoredObject } from '../records.ts'
import type { FindObject } from './bound-entries.ts'

/** What the first entry of a run is found by. */
export interface FirstOfRunParts {
  readonly find: FindObject
  content(object: StoredObject): Promise<BodyContent>
}

/**
 * The first entry of a run that has no text yet, of which a live list shows `shown` and what follows: the segments before are in the
 * store, one number after the other, at most `most` of them. Those between are found again by their names, as all that no playlist
 * names. Undefined where there is none; of encrypted segments nobody knows with which key.
 */
export async function firstOfRun(
  shown: ArchivedEntry,
  most: number,
  { find, content }: FirstOfRunParts,
): Promise<ArchivedEntry | undefined> {
  const { segment, range, shared, uri } = shown
  if (segment === undefined || range !== undefined || shared.some((line) => hasTag(line, '#EXT-X-KEY')))
    return undefined
  let first: { readonly object: StoredObject; readonly uri: string; readonly steps: number } | undefined
  let cameBy = shown.namedAt ?? 0
  for (let steps = 1; steps <= Math.min(most, MAX_UNNAMED_SEGMENTS); steps++) {
    const named = countedUri(uri, -steps)
    const object = named === undefined ? undefined : find(named)
    if (named === undefined || object === undefined || object.acceptedAt < cameBy - GAP_MEND_MS) break
    first = { object, uri: named, steps }
    cameBy = object.acceptedAt
  }
  if (first === undefined) return undefined
  const { object, steps } = first
  const map = shared.find((line) => hasTag(line, '#EXT-X-MAP'))
  const init = map === undefined ? undefined : find(attributeOf(map, 'URI')?.value ?? '')
  const isRead = object.size + (init?.size ?? 0) <= MAX_MEASURED_BYTES
  const seconds = isRead
    ? await segmentDuration(object.stored, await content(object), init && (await content(init)))
    : undefined
  const { isCutBehind: _, ...like } = shown
  const entry: ArchivedEntry = {
    ...like,
    number: shown.number - steps,
    uri: first.uri,
    segment: { stored: object.stored, id: object.id },
    namedAt: object.acceptedAt,
    isBreak: true,
  }
  return withSeconds(entry, seconds ?? durationOf(shown))
}
