import { readArchive } from '../archive/archive.ts'
import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { attributeOf } from '../playlist/tags.ts'
import type { TimelineEntry } from '../playlist/timeline.ts'
import type { MediaRecord } from '../playlist-record.ts'
import type { Journal } from '../ports.ts'

/**
 * The stored names that the recording of a media playlist leads to from a number on, what is served included; some come again. Reads a
 * part of the journal at a time, and keeps nothing.
 */
export function* namedFiles(
  journal: Journal,
  app: string,
  name: string,
  record: MediaRecord,
  start?: number,
): Generator<string> {
  let shared = ''
  for (const entry of readArchive(journal, app, name, start)) {
    if (entry.segment !== undefined) yield entry.segment.stored
    // Mostly they are those of the entry before.
    const own = entry.shared.join('\n')
    if (own !== shared) yield* sharedNames(entry, name)
    shared = own
  }
  for (const entry of record.timeline.entries) yield* boundNames(entry)
}

/** The stored names that an entry is bound to. */
export function* boundNames({ segment, shared }: TimelineEntry): Generator<string> {
  if (segment !== undefined) yield segment.stored
  for (const { bound } of shared) if (bound !== null) yield bound.stored
}

/** Those of the MAP and KEY lines of an archived entry, which are as they are served. */
export function* sharedNames({ shared }: ArchivedEntry, playlist: string): Generator<string> {
  for (const line of shared) {
    const stored = storedName(attributeOf(line, 'URI')?.value ?? '', playlist)
    if (stored !== undefined) yield stored
  }
}

const HERE = 'http://here/'

/** The stored name of a served URI, which may lead out of the playlist's folder; undefined for those that lead elsewhere. */
export function storedName(uri: string, playlist: string): string | undefined {
  const from = HERE + playlist.split('/').map(encodeURIComponent).join('/')
  if (uri === '' || !URL.canParse(uri, from)) return undefined
  const { href, pathname } = new URL(uri, from)
  try {
    return href.startsWith(HERE) ? decodeURIComponent(pathname.slice(1)) : undefined
  } catch {
    return undefined
  }
}
