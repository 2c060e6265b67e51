import { concat } from '../piece-buffer.ts'
import { toBytes } from '../records.ts'
import { type BlockHead, type Cut, sharedAt } from './block.ts'
import { changedShared } from './shared-lines.ts'
import { BREAK } from './write-block.ts'

/** What stands around the entries of a recording. */
export interface Frame {
  /** EXT-X-VERSION at least, and EXT-X-TARGETDURATION in s at least. */
  readonly version: number
  readonly targetDuration: number
  /** More may come behind. */
  readonly isOpen: boolean
  /** A discontinuity is written before the first entry, too: what stands before it is in another text. */
  readonly goesOn?: true
  /** Further lines before the first entry. */
  readonly notes?: readonly string[]
}

/** A playlist of some entries of a recording; those of one cut follow those of the one before. */
export function joinedText(cuts: readonly Cut[], frame: Frame): Uint8Array {
  const { version, targetDuration, isOpen, notes = [] } = frame
  const heads = cuts.map(({ block }) => block)
  const [first] = cuts
  const own = [
    '#EXTM3U',
    `#EXT-X-VERSION:${mostOf(heads, (head) => head.version, version)}`,
    `#EXT-X-TARGETDURATION:${mostOf(heads, (head) => head.longest, targetDuration)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first === undefined ? 0 : numberOf(first)}`,
    `#EXT-X-PLAYLIST-TYPE:${isOpen ? 'EVENT' : 'VOD'}`,
    ...notes,
  ]
  return concat([linesOf(own), ...bodyOf(cuts, frame.goesOn === true), linesOf(isOpen ? [] : ['#EXT-X-ENDLIST'])])
}

function bodyOf(cuts: readonly Cut[], goesOn: boolean): Uint8Array[] {
  let holding: readonly string[] = []
  return cuts.flatMap((cut, index) => {
    const { block, from, to, isBreak, date } = cut
    const shared = changedShared(holding, sharedAt(block, from))
    holding = sharedAt(block, to - 1)
    const before = [
      ...(isBreak && (goesOn || index > 0) ? [BREAK] : []),
      ...shared,
      ...(date === undefined ? [] : [dateLine(date)]),
    ]
    return [linesOf(before), sliceOf(cut)]
  })
}

/** The text of a cut from its first entry's own lines on. */
function sliceOf({ block, from, to }: Cut): Uint8Array {
  const [index, text] = [block.index(), block.text()]
  const start = from === 0 ? 0 : index.at(from).own
  return text.subarray(start, to === index.count ? text.length : index.at(to).start)
}

function numberOf({ block, from }: Cut): number {
  return from === 0 ? block.number : block.index().at(from).number
}

/** The tag that says when an entry was live, in ms since the epoch. */
export function dateLine(ms: number): string {
  return `#EXT-X-PROGRAM-DATE-TIME:${new Date(ms).toISOString()}`
}

function linesOf(lines: readonly string[]): Uint8Array {
  return toBytes(lines.map((line) => `${line}\n`).join(''))
}

function mostOf(heads: readonly BlockHead[], of: (head: BlockHead) => number, least: number): number {
  return heads.reduce((most, head) => Math.max(most, of(head)), least)
}
