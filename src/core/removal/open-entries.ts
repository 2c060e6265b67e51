import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { resolvedTail } from '../archive/recorded-tail.ts'
import type { SegmentDurations } from '../archive/segment-durations.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { PlaylistStates } from '../playlist-states.ts'
import type { Clock, Journal } from '../ports.ts'

/** What recordings are put together with. */
export interface OpenEntriesParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly states: PlaylistStates
  readonly durations: SegmentDurations
  lookup(at: { readonly app: string; readonly name: string }, owner: string): UriLookup
}

/** The entries of a recording that no block has yet, with what came late for its holes, and what no list named. */
export function openEntries(parts: OpenEntriesParts, app: string, name: string): ArchivedEntry[] {
  const { clock, journal, states, durations, lookup } = parts
  const state = states.find(app, name)
  const { record, scanned } = state ?? {}
  if (state === undefined || record?.kind !== 'media' || scanned === undefined) return []
  const { entries, unread } = resolvedTail(
    journal,
    { app, name, record, scanned },
    {
      ...{ kept: states.keptBlocks(state), lookup: lookup(state, record.owner), durations },
      ...{ now: clock.now(), isOver: true },
    },
  )
  return [...entries, ...unread.map(({ entry }) => entry)]
}
