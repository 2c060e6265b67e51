import { resolvedTail } from '../archive/recorded-tail.ts'
import type { SegmentDurations } from '../archive/segment-durations.ts'
import { mayBelongTo } from '../names.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { PlaylistState, PlaylistStates } from '../playlist-states.ts'
import type { Clock, Journal } from '../ports.ts'
import { baseName } from '../upload-path.ts'
import { streamsAlike } from './other-playlists.ts'
import type { RemovalNote } from './removal-note.ts'
import { isUsed } from './uses.ts'

/** What recordings are put together with. */
export interface AddedFilesParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly states: PlaylistStates
  readonly durations: SegmentDurations
  lookup(at: { readonly app: string; readonly name: string }, owner: string): UriLookup
}

/**
 * The segments that a recording has only when it is read: what came late for its holes, and what no list named. None where another's
 * recording may have them too: of those it is known nowhere.
 */
export async function addedFiles(parts: AddedFilesParts, note: RemovalNote, state: PlaylistState): Promise<string[]> {
  const { clock, journal, states, durations, lookup } = parts
  const { app, name, record, scanned } = state
  if (record?.kind !== 'media' || scanned === undefined) return []
  const alike = await streamsAlike(clock, journal, app, note.stream)
  const { entries, unread } = resolvedTail(
    journal,
    { app, name, record, scanned },
    {
      ...{ kept: states.keptBlocks(state), lookup: lookup(state, record.owner), durations },
      ...{ now: clock.now(), isOver: true },
    },
  )
  const isShared = ({ segment, added }: (typeof entries)[number]) =>
    segment !== undefined && added === undefined && isUsed(journal, app, segment.stored)
  if (entries.some(isShared)) return []
  return [...entries, ...unread.map(({ entry }) => entry)].flatMap(({ segment, added }) => {
    if (segment === undefined || added === undefined) return []
    const isLater = added === 'unnamed' && segment.id >= (note.straysTo ?? note.id)
    const isAnothers = alike.some((other) => mayBelongTo(baseName(segment.stored), other))
    return isLater || isAnothers ? [] : [segment.stored]
  })
}
