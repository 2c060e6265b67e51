import type { Version } from '../catalog.ts'
import { GAP_MEND_MS } from '../limits.ts'
import { waitOf } from './gate.ts'
import type { UriLookup } from './lookup.ts'
import type { Bound, Timeline, TimelineEntry } from './timeline.ts'

/**
 * Tells which uploads belong to the run that a timeline shows. Names are used again by the next run, whose first segments
 * come before its playlist: they must not fill the holes of this one.
 */
export class RunUploads {
  readonly #timeline: Timeline
  readonly #lookup: UriLookup
  readonly #now: number
  /** Id of the earliest upload that an entry of the run is bound to; empty while none is. */
  #earliest: string
  #nextRun: string | undefined

  constructor(timeline: Timeline, lookup: UriLookup, now: number) {
    this.#timeline = timeline
    this.#lookup = lookup
    this.#now = now
    const ids = timeline.entries.flatMap(({ number, segment }) =>
      number >= timeline.run.firstNumber && segment !== undefined ? [segment.id] : [],
    )
    this.#earliest = ids.reduce((least, id) => (least === '' || id < least ? id : least), '')
  }

  /** Those of a name's uploads, oldest first, that an entry's segment may be bound to. */
  forSegment(entry: TimelineEntry, versions: readonly Version[]): readonly Version[] {
    const { after } = this.#timeline.run
    const isUsedAgain = versions.some(({ id }) => id <= after)
    // The run before may have left segments that no playlist named.
    const isLeft = (id: string) => after !== '' && !isUsedAgain && id < this.#earliest
    return this.forShared(entry, versions).filter(({ id }) => !isLeft(id))
  }

  /** Those that an entry's MAP or KEY may be bound to: they come before the first segment. */
  forShared(entry: TimelineEntry, versions: readonly Version[]): readonly Version[] {
    const ofRun = versions.filter(({ id }) => id > this.#timeline.run.after)
    return ofRun.length > 0 && this.#now >= entry.namedAt + waitOf(this.#timeline) ? this.#late(entry, ofRun) : ofRun
  }

  /** Takes note of what an entry was bound to. */
  bound({ id }: Bound): void {
    if (this.#earliest === '' || id < this.#earliest) this.#earliest = id
  }

  /** A hole is mended by what came late, and not by what came again. */
  #late(entry: TimelineEntry, versions: readonly Version[]): readonly Version[] {
    const { hasEndlist, acceptedId } = this.#timeline
    this.#nextRun ??= this.#beginOfNextRun()
    const isOver = hasEndlist || this.#now >= entry.namedAt + GAP_MEND_MS
    const end = isOver && this.#mayBeginRun(entry) ? acceptedId : this.#nextRun
    return end === '' ? versions : versions.filter(({ id }) => id < end)
  }

  /** A next run sends its first segment first: where that would fill a hole too, only time tells the two apart. */
  #mayBeginRun({ number }: TimelineEntry): boolean {
    const { entries, run } = this.#timeline
    const before = entries.filter((entry) => entry.number < number)
    return (before[0]?.number ?? number) <= run.firstNumber && before.every(({ segment }) => segment === undefined)
  }

  /** Id of the first upload since the newest version that brought other bytes for a name which is bound; empty: none did. */
  #beginOfNextRun(): string {
    const { entries, acceptedId } = this.#timeline
    const bound = new Map<string, string>()
    for (const { uri, segment, shared } of entries) {
      if (segment !== undefined) bound.set(uri, segment.stored)
      for (const each of shared) if (each.bound !== null) bound.set(each.uri, each.bound.stored)
    }
    const again = [...bound].flatMap(([uri, stored]) =>
      this.#lookup.find(uri).versions.filter(({ id, object }) => id > acceptedId && object.stored !== stored),
    )
    return again.reduce((least, { id }) => (least === '' || id < least ? id : least), '')
  }
}
