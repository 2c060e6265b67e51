/** Stands in place of a SHA-256 for what cannot be read. */
export const NOTHING = 'nothing'

/** Bytes that an entry needs. */
export interface Resource {
  /** SHA-256 of each body that may stand for it. */
  readonly hashes: Set<string>
  /** SHA-256 of bodies that nobody can tell from them: the first of a new run, under the name of one that never came. */
  readonly alike: Set<string>
  /** The file that they were to be part of was lost: a later one of its name passes for it. */
  isLost: boolean
  /** They may stand for those of an earlier run, for the same reason. */
  isTaken: boolean
  /** They are sent more than once. */
  isRepeated: boolean
  /** When the receiver had acknowledged them, in ms; undefined while that is not sure. */
  readyAt: number | undefined
}

/** A segment as its encoder meant it. */
export interface TrueEntry {
  /** Told by no other entry; stands in the playlist's text. */
  readonly id: string
  /** Counts the times that the encoder began to number anew. */
  readonly run: number
  /** As the encoder counts. */
  readonly number: number
  /** Seconds, as written first; some are corrected later. */
  readonly duration: number
  readonly corrected: number | undefined
  readonly segment: Resource
  readonly map: Resource | undefined
  readonly key: Resource | undefined
  /** Whether the encoder wrote EXT-X-DISCONTINUITY. */
  readonly isDiscontinuity: boolean
}

/** A version of a playlist as its encoder sent it. */
export interface TrueVersion {
  readonly run: number
  readonly entries: readonly TrueEntry[]
  readonly hasEndlist: boolean
  /** Its entries have dates, which tell runs apart. */
  readonly hasDates: boolean
  /** Milliseconds. */
  readonly targetDuration: number
  /** When the upload began that all its segments are parts of; a failure of the storage may spoil the rest of it. */
  readonly fileSince: number | undefined
}

/** An entry as players get it. */
export interface SeenEntry {
  readonly id: string
  readonly number: number
  readonly duration: number
  readonly isDiscontinuity: boolean
  /** How many discontinuities there were up to it (RFC 8216bis section 6.2.1). */
  readonly part: number
  /** SHA-256 of what its URI leads to; undefined for a GAP, 'nothing' when it cannot be read. */
  readonly hash: string | undefined
  readonly mapHash: string | undefined
  readonly keyHash: string | undefined
}

/** A playlist as players get it. */
export interface Seen {
  readonly entries: readonly SeenEntry[]
  readonly hasEndlist: boolean
}
