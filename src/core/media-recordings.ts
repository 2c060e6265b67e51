import { BlockCache } from './archive/block-cache.ts'
import { type ClipRange, clipText, hasClip } from './archive/clip.ts'
import { entriesOfBlock } from './archive/kept-blocks.ts'
import { markedText } from './archive/marked-text.ts'
import { type NumberedText, type NumberRange, numberedText } from './archive/numbered-text.ts'
import { type Recorded, type RecordedTail, recordedTail, resolvedTail } from './archive/recorded-tail.ts'
import { blocksOfPart, type RecordedPart, recordedText, writtenVersion } from './archive/recorded-text.ts'
import { SegmentDurations, type SegmentDurationsParts } from './archive/segment-durations.ts'
import type { UriLookup } from './playlist/lookup.ts'
import type { PlaylistState, PlaylistStates } from './playlist-states.ts'
import type { ServedPlaylist } from './playlist-text.ts'
import type { Journal } from './ports.ts'

/** What recordings of media playlists are read from. */
export interface MediaRecordingsParts extends SegmentDurationsParts {
  readonly journal: Journal
  readonly states: PlaylistStates
  lookup(at: { readonly app: string; readonly name: string }, owner: string): UriLookup
}

/** Entries of a recording by their numbers. */
export interface NumberedPart {
  readonly number: number
  readonly end: number | undefined
  /** What came behind the last entry, and no playlist named, belongs to it. */
  readonly isOver: boolean
}

/** A recording that can be read now. */
interface Ready {
  readonly state: PlaylistState
  readonly at: Recorded
  readonly tail: RecordedTail
}

/** What was recorded of media playlists: blocks that are kept for good, and behind them a tail that is put together when it is asked for. */
export class MediaRecordings {
  readonly #parts: MediaRecordingsParts
  readonly durations: SegmentDurations
  readonly #blocks: BlockCache

  constructor(parts: MediaRecordingsParts) {
    this.#parts = parts
    this.#blocks = new BlockCache(parts.journal)
    this.durations = new SegmentDurations(parts)
  }

  /** A part of a recording as a playlist of its own; undefined when nothing was served yet. */
  async text(app: string, name: string, part: RecordedPart): Promise<ServedPlaylist | undefined> {
    const ready = await this.#ready(app, name)
    if (ready === undefined) return undefined
    const { state, at, tail } = ready
    const mark = markOf(at, part)
    if (state.recorded?.tail !== tail || state.recorded.mark !== mark) {
      const bytes = recordedText(blocksOfPart(this.#blocks, at, tail, part), at, part.isOpen)
      state.recorded = { tail, mark, bytes }
      this.#parts.states.account(state)
    }
    return { bytes: state.recorded.bytes, version: tail.version, publishedAt: tail.madeAt, mark }
  }

  /**
   * What of a part was live in a range of time: an event that grows, until the range has come to its end, or the part to its.
   * Throws `clip-empty` where nothing was; undefined when nothing was served yet.
   */
  async clip(
    app: string,
    name: string,
    part: Omit<RecordedPart, 'form'>,
    range: ClipRange,
  ): Promise<ServedPlaylist | undefined> {
    const ready = await this.#ready(app, name)
    if (ready === undefined) return undefined
    const { at, tail } = ready
    const last = tail.blocks.at(-1)?.vod ?? tail.kept.at(-1)?.vod
    const isOpen = part.isOpen && (range.end ?? Number.POSITIVE_INFINITY) > (last?.last.end ?? 0)
    const asked: RecordedPart = { ...part, form: isOpen ? 'event' : 'vod' }
    const bytes = clipText(blocksOfPart(this.#blocks, at, tail, asked), at, range, isOpen)
    return { bytes, version: tail.version, publishedAt: tail.madeAt, mark: markOf(at, { ...asked, isOpen }) }
  }

  /** Whether nothing of a part was live in a range of time, as far as something was served yet. */
  async isClipEmpty(app: string, name: string, part: Omit<RecordedPart, 'form'>, range: ClipRange): Promise<boolean> {
    const ready = await this.#ready(app, name)
    return (
      ready !== undefined && !hasClip(blocksOfPart(this.#blocks, ready.at, ready.tail, { ...part, form: 'vod' }), range)
    )
  }

  /** Some entries by their numbers, see `numberedText`; undefined when nothing was served yet. */
  async numbered(app: string, name: string, range: NumberRange): Promise<NumberedText | undefined> {
    const ready = await this.#ready(app, name)
    if (ready === undefined) return undefined
    const { at, tail } = ready
    const all = blocksOfPart(this.#blocks, at, tail, { number: 0, end: undefined, form: 'vod', isOpen: false })
    const { targetDuration } = at.record.timeline
    return numberedText(all, { version: writtenVersion(at.scanned), targetDuration }, range)
  }

  /** Entries as receivers share them; undefined when nothing was published yet. Costs what the whole recording costs. */
  async marked(app: string, name: string, part: NumberedPart): Promise<ServedPlaylist | undefined> {
    const first = this.#resolved(app, name, part)
    if (first === undefined) return undefined
    if (first.unread.length > 0) await this.durations.read(app, first.unread, first.lookup)
    const { at, tail, lookup, entries } =
      (first.unread.length > 0 ? this.#resolved(app, name, part) : undefined) ?? first
    const { targetDuration } = at.record.timeline
    const bytes = markedText(entries, lookup, { version: writtenVersion(at.scanned), targetDuration })
    return { bytes, version: tail.version, publishedAt: tail.madeAt }
  }

  /** Entries of a recording by their numbers, with all that belongs to them. */
  #resolved(app: string, name: string, { number, end, isOver }: NumberedPart) {
    const ready = this.#putTogether(app, name)
    if (ready === undefined) return undefined
    const { journal, host, states } = this.#parts
    const { at, state } = ready
    const kept = states.keptBlocks(state)
    const lookup = this.#parts.lookup(at, at.record.owner)
    const parts = { kept, lookup, durations: this.durations, now: host.clock.now(), isOver }
    const { entries, unread } = resolvedTail(journal, at, parts)
    const all = [...kept.flatMap((block) => entriesOfBlock(journal, at, block)), ...entries]
    const shown = all.filter((entry) => entry.number >= number && entry.number < (end ?? Number.POSITIVE_INFINITY))
    return { ...ready, lookup, entries: shown, unread }
  }

  /** Put together again once it is read how long segments play that no playlist named. */
  async #ready(app: string, name: string): Promise<Ready | undefined> {
    const first = this.#putTogether(app, name)
    if (first === undefined || first.tail.unread.length === 0) return first
    await this.durations.read(app, first.tail.unread, this.#parts.lookup(first.at, first.at.record.owner))
    return this.#putTogether(app, name)
  }

  #putTogether(app: string, name: string): Ready | undefined {
    const { journal, host, states } = this.#parts
    const state = states.find(app, name)
    const { record, scanned } = state ?? {}
    if (state === undefined || record?.kind !== 'media' || scanned === undefined) return undefined
    const at = { app, name, record, scanned }
    const lookup = this.#parts.lookup(at, record.owner)
    const parts = { lookup, durations: this.durations, now: host.clock.now() }
    const tail = recordedTail(journal, at, state.tail, parts, () => states.keptBlocks(state))
    if (!state.isMoving) state.tail = tail
    states.account(state)
    return tail && { state, at, tail }
  }
}

function markOf({ record }: Recorded, { form, number, end, isOpen }: RecordedPart): string {
  return `${form}-${number}-${end ?? ''}-${isOpen}-${record.timeline.targetDuration}`
}
