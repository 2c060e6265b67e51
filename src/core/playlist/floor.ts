import type { Alignment } from './align.ts'
import type { UriLookup } from './lookup.ts'
import type { Run, Timeline, TimelineEntry, TimelineVersion } from './timeline.ts'

/** Below this others may have served a playlist: what comes next goes on from here. */
export interface Floor {
  /** Media sequence number. */
  readonly number: number
  readonly discontinuities: number
  /** In s. */
  readonly targetDuration: number
}

/** Whether nothing of a timeline is as far as the floor. */
export function isBelow({ entries }: Timeline, floor: Floor): boolean {
  return (entries.at(-1)?.number ?? -1) < floor.number
}

/** A timeline whose numbers go on from the floor. */
export function fromFloor(timeline: Timeline, floor: Floor): Timeline {
  const { run, discontinuitiesBefore, targetDuration } = timeline
  return {
    ...timeline,
    run: timeline.entries.length > 0 ? run : { ...run, firstNumber: Math.max(run.firstNumber, floor.number) },
    discontinuitiesBefore: Math.max(discontinuitiesBefore, floor.discontinuities),
    targetDuration: Math.max(targetDuration, floor.targetDuration),
  }
}

/** Whether the segment of any of the entries came here, or is about to. */
export function hasAny(entries: readonly TimelineEntry[], lookup: UriLookup): boolean {
  return entries.some(({ uri }) => isHere(uri, lookup))
}

/** Whether those of all entries did: others may have gone to another receiver. */
export function hasAll(entries: readonly TimelineEntry[], lookup: UriLookup): boolean {
  return entries.every(({ uri }) => isHere(uri, lookup))
}

/** A version as it is taken in: its run, and the number at which a discontinuity is needed. */
export interface RaisedStep {
  readonly version: TimelineVersion
  readonly run: Run
  readonly joint: number | undefined
  /** The number of the first entry to be served, whose numbers go on from the floor; undefined: it has none that could. */
  readonly raisedTo: number | undefined
}

/**
 * Takes a version of a timeline that is below the floor to where it goes on: its new entries alone, from there. What its
 * encoder sent to somebody else is recorded, but not served.
 */
export function raisedStep(
  { entries }: Timeline,
  version: TimelineVersion,
  { kind, run, joint }: Exclude<Alignment, { kind: 'older' }>,
  floor: Floor,
  lookup: UriLookup,
): RaisedStep {
  const last = kind === 'restarts' ? Number.NEGATIVE_INFINITY : (entries.at(-1)?.number ?? Number.NEGATIVE_INFINITY)
  const index = version.entries.findIndex(({ number }) => number + run.offset > last)
  const first = version.entries[index]
  if (first === undefined) return { version, run, joint, raisedTo: undefined }
  const number = Math.max(floor.number, first.number + run.offset)
  // What was told of the run before holds for its first entries.
  const { runBeforeTo: _, ...rest } = run
  const offset = number - first.number
  const raised = { ...rest, offset, firstNumber: number, listed: version.id }
  const fresh = version.entries.slice(index)
  // What was sent last may be on its way.
  const served = fresh.find(({ uri }) => isHere(uri, lookup)) ?? fresh.at(-1) ?? first
  const raisedTo = served.number + offset
  // Where a run begins, its first entry has the joint.
  return { version: fromEntry(version, index), run: raised, joint: kind === 'restarts' ? number : raisedTo, raisedTo }
}

function isHere(uri: string, lookup: UriLookup): boolean {
  const { versions, open } = lookup.find(uri)
  return versions.length + open.length > 0
}

function fromEntry(version: TimelineVersion, index: number): TimelineVersion {
  return { ...version, entries: version.entries.slice(index), dateTimes: version.dateTimes.slice(index) }
}
