import type { SealedChunks, SealedPart } from './playlist/sealed-part.ts'
import type { Timeline } from './playlist/timeline.ts'
import { toBytes, toText } from './records.ts'

/** What players get, without the sealed beginning. */
export interface ServedParts {
  /** Counts up with each publication. */
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
  /** The chunks between its head and its entries: not those of the newest version when that waits to be published. */
  readonly sealed?: SealedChunks
  readonly head: string
  readonly entries: readonly string[]
  readonly foot: string
  /** Number of the last entry, -1 when there is none; of a multivariant playlist, how many variants it has. */
  readonly last: number
  /** Entries whose segment is missing. */
  readonly holes: number
}

interface CommonRecord {
  /** The stream whose key was used; empty for a key of the whole app, and without keys. */
  readonly owner: string
  /** The newest accepted version in the encoder's words: its own tags, and what follows the sealed part. */
  readonly head: string
  readonly tail: string
  readonly served?: ServedParts
  /** An upload that looked older, but may be the first of a new run: it was acknowledged. */
  readonly suspect?: { readonly owner: string; readonly id: string; readonly since: number; readonly text: string }
  /** A list of chunks that nothing needs any more; they go with the next change, when nobody reads them any longer. */
  readonly garbage?: { readonly list: string }
}

/** A media playlist as the journal keeps it. */
export interface MediaRecord extends CommonRecord {
  readonly kind: 'media'
  /** Without the sealed entries. */
  readonly timeline: Timeline
  readonly sealed?: SealedPart
  /** The number up to which its entries are in the archive; absent: none is. */
  readonly archived?: number
  /** The newest version has what the one before had, and more. */
  readonly isGrowing: boolean
}

/** A multivariant playlist as the journal keeps it. */
export interface MultivariantRecord extends CommonRecord {
  readonly kind: 'multivariant'
  readonly missing: readonly MissingPlaylist[]
}

/** A playlist that a multivariant one names, and that is not served. */
export interface MissingPlaylist {
  readonly uri: string
  /** Since when it is awaited, in ms since the epoch. */
  readonly since: number
  /** The stored name of the one that it led to, and that is removed. */
  readonly was?: string
}

/** A playlist as the journal keeps it. */
export type PlaylistRecord = MediaRecord | MultivariantRecord

/** Whether a media playlist is served with its end. */
export function isServedEnded(record: PlaylistRecord | undefined): boolean {
  return record?.kind === 'media' && record.served?.foot.includes('#EXT-X-ENDLIST') === true
}

/** When a media playlist that has not ended got its newest version, in ms since the epoch; undefined of others. */
export function liveSinceOf(record: PlaylistRecord | undefined): number | undefined {
  return record?.kind === 'media' && !record.timeline.hasEndlist ? record.timeline.acceptedAt : undefined
}

/** The number of the last entry that is served of a media playlist; -1 where there is none. */
export function lastServed({ served }: Pick<MediaRecord, 'served'>): number {
  return served?.last ?? -1
}

/** A playlist's record of the journal, trusted because only the committer writes them. */
export function parsePlaylistRecord(bytes: Uint8Array): PlaylistRecord {
  return JSON.parse(toText(bytes)) as PlaylistRecord
}

/** A copy with strings of its own: those cut out of an uploaded text would keep all of it in memory. */
export function detached<Kept extends PlaylistRecord>(record: Kept): Kept {
  return parsePlaylistRecord(toBytes(JSON.stringify(record))) as Kept
}
