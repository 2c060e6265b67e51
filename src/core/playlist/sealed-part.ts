import type { CarriedSite, RangeEnd } from './scan.ts'

/** A place in a sealed part that an upload is compared up to at once. */
export interface SealedMark {
  /** Bytes of the encoder's text up to here, and their SHA-256 as lower-case hex. */
  readonly bytes: number
  readonly hash: string
  /** Chunks up to here. */
  readonly chunks: number
}

/** The beginning of a long list: settled for good, kept in chunks of the journal and not in memory. */
export interface SealedPart {
  /** Id of its chunks. */
  readonly list: string
  readonly entries: number
  readonly lines: number
  /** The encoder's own number of its first entry. */
  readonly mediaSequence: number
  /** In order; the last is its end. */
  readonly marks: readonly SealedMark[]
  /** Where the byte range of its last entry ends. */
  readonly rangeEnd?: RangeEnd
  /** The MAP and KEY lines that hold behind it. */
  readonly carried: readonly CarriedSite[]
}

/** The first chunks of a list. */
export interface SealedChunks {
  readonly list: string
  readonly chunks: number
}

/** All chunks of a sealed part. */
export function allChunks({ list, marks }: SealedPart): SealedChunks {
  return { list, chunks: marks.at(-1)?.chunks ?? 0 }
}

/** Where a sealed part ends. */
export function endOf(sealed: SealedPart | undefined): SealedMark {
  return sealed?.marks.at(-1) ?? { bytes: 0, hash: '', chunks: 0 }
}
