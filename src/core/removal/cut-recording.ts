import { openChunks, readArchive } from '../archive/archive.ts'
import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { type RecordedRun, runsOf } from '../archive/runs.ts'
import { withoutEntries } from '../archive/without-entries.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { PlaylistStates } from '../playlist-states.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { keys } from '../records.ts'
import type { RunPlaylists } from '../run-playlists.ts'

/** What takes entries out of recordings. */
export interface CutRecordingParts {
  readonly journal: Journal
  readonly states: PlaylistStates
  readonly runs: Pick<RunPlaylists, 'mayBeThere'>
  lookup(at: PlaylistPlace, owner: string): UriLookup
}

/** A playlist of an app. */
export interface PlaylistPlace {
  readonly app: string
  readonly name: string
}

const NOTHING = new Uint8Array(0)

/** What is taken out of a recording. */
export interface RecordingCut {
  isGone(entry: ArchivedEntry): boolean
  /** All that goes is numbered below this. */
  readonly below?: number
  /** What is written in the same batch. */
  readonly writes?: readonly JournalWrite[]
}

/** The entries of some files. */
export function entriesOf(files: ReadonlySet<string>): RecordingCut {
  return { isGone: ({ segment }) => segment !== undefined && files.has(segment.stored) }
}

/**
 * Takes entries out of the recording of a playlist, in its turn; none of them may be in its list. Resolves with the runs that have to go
 * to the store again: the journal has it that they do; with undefined where there is no such playlist any more.
 */
export async function cutRecording(
  { journal, states, lookup, runs: runPlaylists }: CutRecordingParts,
  at: PlaylistPlace,
  { isGone, below, writes: more = [] }: RecordingCut,
): Promise<readonly string[] | undefined> {
  const { app, name } = at
  const state = states.find(app, name)
  if (state === undefined) return undefined
  return states.inTurn(state, async () => {
    const { writes, numbers } = withoutEntries(journal, at, lookup(at, state.record?.owner ?? ''), isGone, below)
    numbers.push(...openHoles(journal, at))
    const runs = storedRuns(journal, at, runPlaylists).filter((run) => numbers.some((number) => isIn(run, number)))
    const all = [
      ...more,
      ...writes,
      ...runs.map((run) => ({ key: keys.unstoredPlaylist(app, run.name, 0), value: NOTHING })),
    ]
    await states.moveArchive(state, () => journal.commit(all))
    state.tail = undefined
    return runs.map((run) => run.name)
  })
}

/** Entries that what came late, and goes now, may fill: it is bound to none of them. */
function openHoles(journal: Journal, at: PlaylistPlace): number[] {
  const open = [...openChunks(journal, at)].flatMap(({ entries }) => entries)
  return open.filter(({ segment, isGap }) => segment === undefined && !isGap).map(({ number }) => number)
}

interface OverRun extends RecordedRun {
  readonly end: number
}

/** The runs of a playlist of which nothing is left, since all of their entries were taken out. */
export function emptyRuns(journal: Journal, at: PlaylistPlace): readonly RecordedRun[] {
  return overRuns(journal, at).filter((run) => {
    const [next] = readArchive(journal, at.app, at.name, run.number)
    return next === undefined || next.number >= run.end
  })
}

/** The runs that the store has, or is to have: those that are over, and one that goes on and is there as far as it has come. */
function storedRuns(journal: Journal, at: PlaylistPlace, runs: Pick<RunPlaylists, 'mayBeThere'>): OverRun[] {
  const newest = runsOf(journal, at.app, at.name).at(-1)
  const isThere = newest !== undefined && newest.name !== at.name && runs.mayBeThere(at.app, newest.name)
  return [...overRuns(journal, at), ...(isThere ? [{ ...newest, end: Number.POSITIVE_INFINITY }] : [])]
}

/** The runs behind which another began. */
function overRuns(journal: Journal, { app, name }: PlaylistPlace): OverRun[] {
  const all = runsOf(journal, app, name)
  return all.flatMap((run, index) => {
    const end = all[index + 1]?.number
    return end === undefined ? [] : [{ ...run, end }]
  })
}

function isIn(run: OverRun, number: number): boolean {
  return number >= run.number && number < run.end
}
