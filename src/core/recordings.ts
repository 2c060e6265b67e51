import { datedRuns, newestDated } from './archive/dated.ts'
import { type RecordedPart, recordedText } from './archive/recorded-text.ts'
import { type RecordedForm, recordedVariants } from './archive/recorded-variants.ts'
import { type FoundRun, newestRun, plainName, type RecordedRun, runNamed, runsOf } from './archive/runs.ts'
import { SegmentDurations, type SegmentDurationsParts } from './archive/segment-durations.ts'
import type { Unnamed } from './archive/unnamed.ts'
import { type Presentation, runsOfVariants, variantsOfRun } from './archive/variant-runs.ts'
import type { UriLookup } from './playlist/lookup.ts'
import { isServedEnded } from './playlist-record.ts'
import type { PlaylistStates } from './playlist-states.ts'
import { type ServedPlaylist, servedText } from './playlist-text.ts'
import type { Journal } from './ports.ts'
import type { PolicyFor } from './restart-policy.ts'

/** What recordings are read from. */
export interface RecordingsParts extends SegmentDurationsParts {
  readonly journal: Journal
  readonly states: PlaylistStates
  readonly policyFor: PolicyFor
  lookup(at: { readonly app: string; readonly name: string }, owner: string): UriLookup
}

/** A recording, and the segments that it lacks until it was read how long they play. */
interface PutTogether {
  readonly served: ServedPlaylist | undefined
  readonly unread: readonly Unnamed[]
  readonly lookup: UriLookup
}

type AskedRun = Omit<RecordedPart, 'isOpen'>

/** Entries of a recording by their numbers. */
export interface NumberedPart {
  readonly number: number
  readonly end: number | undefined
  /** What came behind the last entry, and no playlist named, belongs to it. */
  readonly isOver: boolean
}

/** What was recorded of playlists: all of it, and run by run. */
export class Recordings {
  readonly #parts: RecordingsParts
  readonly #durations: SegmentDurations

  constructor(parts: RecordingsParts) {
    this.#parts = parts
    this.#durations = new SegmentDurations(parts)
  }

  /**
   * The recording of a playlist, or of the run of that name, as players get it; undefined when nothing was published yet. Where
   * runs are kept apart by date-time, the plain name stands for the newest. As an event it only grows, but for holes that are
   * filled, until its encoder has ended it.
   */
  async recorded(app: string, name: string, form: RecordedForm): Promise<ServedPlaylist | undefined> {
    const { journal } = this.#parts
    const isApart = this.areRunsApart(app, name)
    const variants = this.#variantRun(app, name, isApart)
    if (variants !== undefined) return recordedVariants(variants, form)
    const run = this.#run(app, name) ?? (isApart ? newestRun(journal, app, name) : undefined)
    if (form === 'vod') return this.#recorded(app, name, run, form)
    const all = { name: '', startedAt: 0, of: name, number: 0, end: undefined }
    return this.#recorded(app, name, { ...(run ?? all), isNamedOnly: true }, form)
  }

  /** A run under its own name: all of it from the start, and more while its encoder goes on; undefined when there is none. */
  async servedRun(app: string, name: string): Promise<ServedPlaylist | undefined> {
    const run = this.#run(app, name)
    return run === undefined ? this.#variantRun(app, name, false) : this.#recorded(app, name, run, 'event')
  }

  /** Whether each run of a playlist is a recording of its own. */
  areRunsApart(app: string, name: string): boolean {
    return this.#parts.policyFor(app, name) === 'addDateTimeToHlsFileName' && plainName(name) === undefined
  }

  /** What was recorded of a media playlist from a number on, up to `end`; undefined when nothing was published yet. */
  async part(app: string, name: string, { number, end, isOver }: NumberedPart): Promise<ServedPlaylist | undefined> {
    const run = {
      name: `${number}-${end ?? ''}-${isOver}`,
      startedAt: 0,
      of: name,
      number,
      end,
      isOver,
      isMarked: true,
    }
    return this.#recorded(app, name, run, 'vod')
  }

  /** The multivariant playlist of a run, by its own name or, for the newest, by the plain one. */
  #variantRun(app: string, name: string, isNewest: boolean): ServedPlaylist | undefined {
    const { journal } = this.#parts
    const presentation = this.#presentation(app, isNewest ? name : (plainName(name) ?? ''))
    if (presentation === undefined) return undefined
    const runs = runsOfVariants(journal, presentation)
    const run = isNewest ? runs.at(-1) : runs.find((each) => each.name === name)
    return run && variantsOfRun(journal, presentation, run)
  }

  /** A multivariant playlist that is served; undefined for others. */
  #presentation(app: string, name: string): Presentation | undefined {
    const state = this.#parts.states.find(app, name)
    const { record } = state ?? {}
    const served = state && record?.kind === 'multivariant' ? servedText(this.#parts.journal, state) : undefined
    const lookup = this.#parts.lookup({ app, name }, record?.owner ?? '')
    return served && { app, name, served, lookup }
  }

  /** Put together again once it is read how long segments play that no playlist named. */
  async #recorded(
    app: string,
    name: string,
    found: AskedRun | undefined,
    form: RecordedForm,
  ): Promise<ServedPlaylist | undefined> {
    const first = this.#putTogether(app, name, found, form)
    if (first === undefined || first.unread.length === 0) return first?.served
    await this.#durations.read(app, first.unread, first.lookup)
    return this.#putTogether(app, name, found, form)?.served
  }

  #putTogether(app: string, name: string, found: AskedRun | undefined, form: RecordedForm): PutTogether | undefined {
    const { journal, host, states } = this.#parts
    const of = found?.of ?? name
    const state = states.find(app, of)
    if (state?.record === undefined || state.scanned === undefined) return undefined
    const { record, scanned, recorded: known } = state
    const lookup = this.#parts.lookup(state, record.owner)
    if (record.kind === 'multivariant')
      return { served: recordedVariants(servedText(journal, state), form), unread: [], lookup }
    // A run that has begun, and is not served yet, has not opened the event again.
    const hasEnded = found?.isNamedOnly === true ? isServedEnded(record) : record.timeline.hasEndlist
    const isOpen = form === 'event' && found?.end === undefined && !hasEnded
    const run = found && { ...found, isOpen }
    const recorded = recordedText(
      journal,
      { app, name: of, record, scanned, known, run },
      lookup,
      this.#durations,
      host.clock.now(),
    )
    state.recorded = recorded
    states.account(state)
    if (recorded === undefined) return undefined
    const { bytes, version, madeAt, unread } = recorded
    return { served: { bytes, version, publishedAt: madeAt }, unread, lookup }
  }

  /** The runs of a playlist, or the playlists that a plain name stands for, oldest first; undefined where there are none. */
  runs(app: string, name: string): readonly RecordedRun[] | undefined {
    const { journal, states } = this.#parts
    const record = states.find(app, name)?.record
    const presentation = this.#presentation(app, name)
    if (presentation !== undefined) return runsOfVariants(journal, presentation)
    if (record !== undefined) return record.kind === 'media' ? runsOf(journal, app, name) : undefined
    const runs = datedRuns(journal, app, name)
    return runs.length > 0 ? runs : undefined
  }

  /** The newest served playlist that a plain name stands for, where no playlist of this name was uploaded. */
  dated(app: string, name: string): string | undefined {
    const { journal, states } = this.#parts
    const isPlain = states.find(app, name)?.record === undefined
    const newest = isPlain ? newestDated(journal, app, name) : undefined
    const isServed = (each: string) => states.find(app, each)?.record?.served !== undefined
    if (newest === undefined || isServed(newest)) return newest
    return datedRuns(journal, app, name).findLast((run) => isServed(run.name))?.name
  }

  /** The run of this name, where no playlist of this name was uploaded. */
  #run(app: string, name: string): FoundRun | undefined {
    const { journal, states } = this.#parts
    return states.find(app, name)?.record === undefined ? runNamed(journal, app, name) : undefined
  }
}
