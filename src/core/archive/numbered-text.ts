import { NUMBERED_ENTRIES } from '../limits.ts'
import { toBytes } from '../records.ts'
import { type Block, type Cut, wholeCut } from './block.ts'
import { type Frame, joinedText } from './joined-text.ts'
import { BREAK } from './write-block.ts'

/** The entries of a recording that are numbered from `from` on and below `to`. */
export interface NumberRange {
  readonly from: number
  readonly to: number
}

/** Some entries of a recording as a playlist of their own, and from which number on there are more; `next` undefined: these were all. */
export interface NumberedText {
  readonly bytes: Uint8Array
  readonly next: number | undefined
}

const BREAK_BYTES = toBytes(`${BREAK}\n`)

/**
 * The first NUMBERED_ENTRIES of them, more where some of one number would be left, empty where there are none. Text for text they
 * are the whole: a discontinuity before the first entry is written, too. Costs what its text is long, and what a block costs.
 */
export function numberedText(
  blocks: readonly Block[],
  frame: Pick<Frame, 'version' | 'targetDuration'>,
  range: NumberRange,
  most = NUMBERED_ENTRIES,
): NumberedText {
  const cuts: Cut[] = []
  let left = most
  let next: number | undefined
  for (const cut of cutsOf(blocks, range)) {
    const to = left > 0 ? endOf(cut, left) : cut.from
    if (to > cut.from) cuts.push({ ...cut, to })
    left -= to - cut.from
    if (to === cut.to) continue
    next = to === 0 ? cut.block.number : cut.block.index().at(to).number
    break
  }
  return { bytes: joinedText(cuts, { ...frame, isOpen: false, goesOn: true }), next }
}

function* cutsOf(blocks: readonly Block[], range: NumberRange): Generator<Cut> {
  for (const [index, block] of blocks.entries()) {
    const cut = cutOf(block, blocks[index + 1]?.number, range)
    if (cut !== undefined) yield cut
  }
}

function cutOf(block: Block, next: number | undefined, { from, to }: NumberRange): Cut | undefined {
  if (block.number >= to || (next !== undefined && next <= from)) return undefined
  if (block.number >= from && next !== undefined && next <= to) return wholeCut(block)
  const index = block.index()
  const isIn = (at: number) => index.at(at).number >= from && index.at(at).number < to
  let first = 0
  while (first < index.count && !isIn(first)) first++
  let last = first
  while (last < index.count && isIn(last)) last++
  return last > first ? { block, from: first, to: last, isBreak: isBreakAt(block, first) } : undefined
}

/** Whether a discontinuity stands before an entry of a block. */
function isBreakAt(block: Block, at: number): boolean {
  if (at === 0) return block.isBreak
  const { start } = block.index().at(at)
  const text = block.text().subarray(start, start + BREAK_BYTES.length)
  return BREAK_BYTES.every((byte, index) => byte === text[index])
}

/** Where a cut ends when it is to have so many entries at most: what no playlist named has the number of the entry before it. */
function endOf({ block, from, to }: Cut, most: number): number {
  if (to - from <= most) return to
  const index = block.index()
  let end = from + most
  while (end < to && index.at(end).number === index.at(end - 1).number) end++
  return end
}
