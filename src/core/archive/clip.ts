import { ReceiverError } from '../errors.ts'
import type { Block, Cut } from './block.ts'
import { joinedText } from './joined-text.ts'
import type { Recorded } from './recorded-tail.ts'
import { writtenVersion } from './recorded-text.ts'

/** A range of time, in ms since the epoch: from `start` up to and without `end`; undefined: as far as there is something. */
export interface ClipRange {
  readonly start: number | undefined
  readonly end: number | undefined
}

/** Stands in a clip whose times nobody wrote. */
const BY_ARRIVAL = '# No EXT-X-PROGRAM-DATE-TIME: cut by when the segments came'

/**
 * The entries that were live in a range of time, each as a whole, as a playlist of their own; `isOpen`: more of it may come.
 * Costs what its text is long. Throws `clip-empty` where there are none.
 */
export function clipText(
  blocks: readonly Block[],
  { record, scanned }: Recorded,
  range: ClipRange,
  isOpen: boolean,
): Uint8Array {
  const cuts = cutsIn(blocks, range)
  const [first] = cuts
  if (first === undefined) throw new ReceiverError('clip-empty')
  const isDated = first.block.index().at(first.from).isDated
  return joinedText(cuts, {
    version: writtenVersion(scanned),
    targetDuration: record.timeline.targetDuration,
    isOpen,
    notes: isDated ? [] : [BY_ARRIVAL],
  })
}

/** Whether anything was live in a range of time. */
export function hasClip(blocks: readonly Block[], range: ClipRange): boolean {
  return cutsIn(blocks, range).length > 0
}

/** Runs of entries that overlap a range; what is left out between them is marked by a discontinuity. */
function cutsIn(
  blocks: readonly Block[],
  { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY }: ClipRange,
): Cut[] {
  const cuts: Cut[] = []
  // Of the entry before; there is none before the first.
  let wasIn = false
  for (const block of blocks) {
    if (block.end <= start || block.begin >= end) {
      wasIn = false
      continue
    }
    const isWhole = block.begin >= start && block.end <= end
    const spans = isWhole ? [{ from: 0, to: block.count }] : spansIn(block, start, end)
    for (const { from, to } of spans) {
      const goesOn = from === 0 && wasIn
      cuts.push(
        goesOn
          ? { block, from, to, isBreak: block.isBreak }
          : { block, from, to, isBreak: true, ...dateAt(block, from) },
      )
    }
    wasIn = spans.at(-1)?.to === block.count
  }
  return cuts
}

/** The date of an entry that has none of its own, and counts on from one that is left out. */
function dateAt(block: Block, index: number): { readonly date?: number } {
  const { begin, isDated, hasOwnDate } = block.index().at(index)
  return isDated && !hasOwnDate ? { date: begin } : {}
}

function spansIn(block: Block, start: number, end: number): { from: number; to: number }[] {
  const index = block.index()
  const spans: { from: number; to: number }[] = []
  let from: number | undefined
  for (let at = 0; at <= index.count; at++) {
    const isIn = at < index.count && index.begin(at) < end && index.end(at) > start
    if (isIn && from === undefined) from = at
    if (isIn || from === undefined) continue
    spans.push({ from, to: at })
    from = undefined
  }
  return spans
}
