import type { ClipRange } from './archive/clip.ts'
import { datedRuns, newestDated } from './archive/dated.ts'
import type { NumberedText, NumberRange } from './archive/numbered-text.ts'
import { type RecordedForm, withQuery } from './archive/recorded-variants.ts'
import { type FoundRun, newestRun, plainName, type RecordedRun, runNamed, runsOf } from './archive/runs.ts'
import type { SegmentDurations } from './archive/segment-durations.ts'
import { type Presentation, runsOfVariants, variantsOfRun } from './archive/variant-runs.ts'
import { MediaRecordings, type MediaRecordingsParts, type NumberedPart } from './media-recordings.ts'
import { isServedEnded } from './playlist-record.ts'
import { type ServedPlaylist, servedText } from './playlist-text.ts'
import type { PolicyFor } from './restart-policy.ts'
import { clippedVariants } from './variants/clipped-variants.ts'
import type { MadeVariants } from './variants/made-variants.ts'

/** What recordings are read from. */
export interface RecordingsParts extends MediaRecordingsParts {
  readonly policyFor: PolicyFor
  readonly variants: MadeVariants
}

/** Entries of the recording of a media playlist: all, or those of a run. */
interface MediaPart {
  /** The name of the playlist. */
  readonly of: string
  readonly number: number
  readonly end: number | undefined
  /** Its encoder may go on. */
  readonly isOpen: boolean
}

/** What was recorded of playlists: all of it, and run by run. */
export class Recordings {
  readonly #parts: RecordingsParts
  readonly #recorded: MediaRecordings

  constructor(parts: RecordingsParts) {
    this.#parts = parts
    this.#recorded = new MediaRecordings(parts)
  }

  /** How long segments play that no playlist named. */
  get durations(): SegmentDurations {
    return this.#recorded.durations
  }

  /**
   * The recording of a playlist, or of the run of that name, as players get it; undefined when nothing was published yet. Where
   * runs are kept apart by date-time, the plain name stands for the newest. As an event it only grows, but for holes that are
   * filled, until its encoder has ended it.
   */
  async recorded(app: string, name: string, form: RecordedForm): Promise<ServedPlaylist | undefined> {
    const variants = await this.#variants(app, name)
    if (variants !== undefined) return withQuery(variants, `playlist=${form}`)
    const media = this.#media(app, name)
    if (media === undefined) return undefined
    return this.#recorded.text(app, media.of, { ...media, form, isOpen: form === 'event' && media.isOpen })
  }

  /**
   * What of that was live in a range of time; `query` is how it was asked for, which the playlists of a multivariant one are
   * asked for by, too. Throws `clip-empty` where nothing was; undefined when nothing was published yet.
   */
  async clip(app: string, name: string, range: ClipRange, query: string): Promise<ServedPlaylist | undefined> {
    const variants = await this.#variants(app, name)
    if (variants !== undefined) {
      return withQuery(await clippedVariants(name, variants, (each) => this.#isClipEmpty(app, each, range)), query)
    }
    const media = this.#media(app, name)
    return media && this.#recorded.clip(app, media.of, media, range)
  }

  async #isClipEmpty(app: string, name: string, range: ClipRange): Promise<boolean> {
    const media = this.#media(app, name)
    return media !== undefined && this.#recorded.isClipEmpty(app, media.of, media, range)
  }

  /**
   * A run under its own name: all of it from the start, and more while its encoder goes on, or what has left its playlist below
   * the number `end`; undefined when there is none.
   */
  async servedRun(app: string, name: string, end?: number): Promise<ServedPlaylist | undefined> {
    const run = this.#run(app, name)
    if (run === undefined) {
      await this.#parts.variants.read(app, plainName(name) ?? '')
      return this.#variantRun(app, name, false)
    }
    const media = this.#media(app, name)
    const part = end === undefined || media === undefined ? media : { ...media, end, isOpen: true }
    return part && this.#recorded.text(app, part.of, { ...part, form: part.isOpen ? 'event' : 'vod' })
  }

  /** The newest run of a media playlist; undefined when there is none. */
  newestRun(app: string, name: string): RecordedRun | undefined {
    return newestRun(this.#parts.journal, app, name)
  }

  /** Whether each run of a playlist is a recording of its own. */
  areRunsApart(app: string, name: string): boolean {
    return this.#parts.policyFor(app, name) === 'addDateTimeToHlsFileName' && plainName(name) === undefined
  }

  /** What was recorded of a media playlist from a number on, as receivers share it; undefined when nothing was published yet. */
  part(app: string, name: string, part: NumberedPart): Promise<ServedPlaylist | undefined> {
    return this.#recorded.marked(app, name, part)
  }

  /** Some entries of a media playlist's recording by their numbers, see `numberedText`; undefined when nothing was published yet. */
  numbered(app: string, name: string, range: NumberRange): Promise<NumberedText | undefined> {
    return this.#recorded.numbered(app, name, range)
  }

  /** Where the entries of a playlist's recording, or of a run's, are, and whether more may come; undefined of others. */
  #media(app: string, name: string): MediaPart | undefined {
    const { journal, states } = this.#parts
    const run = this.#run(app, name) ?? (this.areRunsApart(app, name) ? newestRun(journal, app, name) : undefined)
    const of = run?.of ?? name
    const record = states.find(app, of)?.record
    if (record?.kind !== 'media') return undefined
    // A run that has begun, and is not served yet, has not ended as the one before did.
    const hasEnded = isServedEnded(record) && (run === undefined || record.timeline.hasEndlist)
    return { of, number: run?.number ?? 0, end: run?.end, isOpen: run?.end === undefined && !hasEnded }
  }

  /** What a name stands for that is a multivariant playlist, or a run of one. */
  async #variants(app: string, name: string): Promise<ServedPlaylist | undefined> {
    await this.#parts.variants.read(app, plainName(name) ?? name)
    const run = this.#variantRun(app, name, this.areRunsApart(app, name))
    return run ?? this.#presentation(app, name)?.served
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

  /** A multivariant playlist that is served, or made; undefined for others. */
  #presentation(app: string, name: string): Presentation | undefined {
    const state = this.#parts.states.find(app, name)
    const { record } = state ?? {}
    const pushed = state && record?.kind === 'multivariant' ? servedText(this.#parts.journal, state) : undefined
    const served = pushed ?? this.#parts.variants.served(app, name)
    const lookup = this.#parts.lookup({ app, name }, record?.owner ?? '')
    return served && { app, name, served, lookup }
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
