import type { EntryIndex } from './entry-index.ts'
import type { EntryTime } from './entry-times.ts'

/** The MAP and KEY lines that hold from an entry of a block on, by its place. */
export interface SharedFrom {
  readonly at: number
  readonly lines: readonly string[]
}

/** What must be known of a block to put it behind another, or to find a time in it. */
export interface BlockHead {
  /** Served media sequence number of its first entry. */
  readonly number: number
  /** Entries. */
  readonly count: number
  /** A discontinuity stands before its first entry, unless a list begins with it. */
  readonly isBreak: boolean
  /** What followed its last entry was taken out of the recording. */
  readonly isCutBehind?: true
  /** Where MAP and KEY lines change, from its first entry on. */
  readonly shared: readonly SharedFrom[]
  /** EXT-X-VERSION that its tags need. */
  readonly version: number
  /** Longest segment that no playlist named, in s, rounded. */
  readonly longest: number
  /** When its first entries begin and its last ones end, in ms since the epoch. */
  readonly begin: number
  readonly end: number
  /** When its last entry was live. */
  readonly last: EntryTime
}

/** Entries of a recording as they stand in lists, one after the other: they can be joined with others, and cut. */
export interface Block extends BlockHead {
  index(): EntryIndex
  /** All entries, without what stands before the first one alone. */
  text(): Uint8Array
}

/** The MAP and KEY lines that hold for an entry of a block. */
export function sharedAt({ shared }: BlockHead, index: number): readonly string[] {
  return shared.findLast(({ at }) => at <= index)?.lines ?? []
}

/** Entries of a block from one up to and without another. */
export interface Cut {
  readonly block: Block
  readonly from: number
  readonly to: number
  /** A discontinuity stands before it, unless a list begins with it. */
  readonly isBreak: boolean
  /** When its first entry was live, in ms since the epoch, where that is to be written. */
  readonly date?: number
}

/** All entries of a block. */
export function wholeCut(block: Block): Cut {
  return { block, from: 0, to: block.count, isBreak: block.isBreak }
}
