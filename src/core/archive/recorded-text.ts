import type { ScannedPlaylist } from '../playlist/scan.ts'
import { hasTag, tagValue } from '../playlist/tags.ts'
import type { ChunkPlace } from '../sealed-list.ts'
import { type Block, wholeCut } from './block.ts'
import type { BlockCache } from './block-cache.ts'
import { joinedText } from './joined-text.ts'
import type { Recorded, RecordedTail } from './recorded-tail.ts'
import type { BlockForm } from './write-block.ts'

/** Which entries of a recording are asked for: from `number` on, below `end`. */
export interface RecordedPart {
  readonly number: number
  readonly end: number | undefined
  readonly form: BlockForm
  /** Its encoder may go on. */
  readonly isOpen: boolean
}

/** All blocks of a recording from one number up to another. */
export function blocksOfPart(
  cache: BlockCache,
  at: ChunkPlace,
  tail: RecordedTail,
  { number, end, form }: RecordedPart,
): Block[] {
  const isIn = (block: Block) => block.number >= number && block.number < (end ?? Number.POSITIVE_INFINITY)
  const blocks = [
    ...tail.kept.map((block) => cache.block(at, block, form)),
    ...tail.blocks.map(({ vod, event }) => (form === 'event' ? (event ?? vod) : vod)),
  ].filter(isIn)
  const isCut = (index: number) => blocks[index - 1]?.isCutBehind === true
  return blocks.map((block, index) => (isCut(index) ? { ...block, isBreak: true } : block))
}

/** A recording, or a run of it, as a playlist of its own. Costs what its text is long. */
export function recordedText(blocks: readonly Block[], { record, scanned }: Recorded, isOpen: boolean): Uint8Array {
  const { targetDuration } = record.timeline
  return joinedText(blocks.map(wholeCut), { version: writtenVersion(scanned), targetDuration, isOpen })
}

/** EXT-X-VERSION as the encoder wrote it. */
export function writtenVersion({ lines, bodyLine }: ScannedPlaylist): number {
  const written = lines.slice(0, bodyLine).find((line) => hasTag(line, '#EXT-X-VERSION'))
  return Number(tagValue(written ?? '')) || 0
}
