import { type Block, type Cut, wholeCut } from './block.ts'
import { joinedText } from './joined-text.ts'
import type { Recorded } from './recorded-tail.ts'
import { writtenVersion } from './recorded-text.ts'

/** The entries of a recording that are numbered from `from` on and below `to`. */
export interface NumberRange {
  readonly from: number
  readonly to: number
}

/** They as a playlist of their own, empty where there are none. Costs what its text is long, and what a block costs. */
export function numberedText(blocks: readonly Block[], { record, scanned }: Recorded, range: NumberRange): Uint8Array {
  const { targetDuration } = record.timeline
  const cuts = blocks.flatMap((block, index) => cutsOf(block, blocks[index + 1]?.number, range))
  return joinedText(cuts, { version: writtenVersion(scanned), targetDuration, isOpen: false })
}

function cutsOf(block: Block, next: number | undefined, { from, to }: NumberRange): Cut[] {
  if (block.number >= to || (next !== undefined && next <= from)) return []
  if (block.number >= from && next !== undefined && next <= to) return [wholeCut(block)]
  const index = block.index()
  const isIn = (at: number) => index.at(at).number >= from && index.at(at).number < to
  let first = 0
  while (first < index.count && !isIn(first)) first++
  let last = first
  while (last < index.count && isIn(last)) last++
  return last > first ? [{ block, from: first, to: last, isBreak: first > 0 || block.isBreak }] : []
}
