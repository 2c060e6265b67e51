import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { mayBelongTo } from '../names.ts'
import { baseName } from '../upload-path.ts'
import { type OpenEntriesParts, openEntries } from './open-entries.ts'
import { streamsAlike } from './other-playlists.ts'
import type { RemovalNote } from './removal-note.ts'
import { isUsed } from './uses.ts'

/**
 * The segments that a recording has only when it is read: what came late for its holes, and what no list named. None where another's
 * recording may have them too: of those it is known nowhere.
 */
export async function addedFiles(parts: OpenEntriesParts, note: RemovalNote, name: string): Promise<string[]> {
  const { clock, journal } = parts
  const { app } = note
  const alike = await streamsAlike(clock, journal, app, note.stream)
  const entries = openEntries(parts, app, name)
  const isShared = ({ segment, added }: ArchivedEntry) =>
    segment !== undefined && added === undefined && isUsed(journal, app, segment.stored)
  if (entries.some(isShared)) return []
  return entries.flatMap(({ segment, added }) => {
    if (segment === undefined || added === undefined) return []
    const isLater = added === 'unnamed' && segment.id >= (note.straysTo ?? note.id)
    const isAnothers = alike.some((other) => mayBelongTo(baseName(segment.stored), other))
    return isLater || isAnothers ? [] : [segment.stored]
  })
}
