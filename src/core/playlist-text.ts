import { concat } from './piece-buffer.ts'
import { allChunks, type SealedChunks } from './playlist/sealed-part.ts'
import type { PlaylistRecord } from './playlist-record.ts'
import type { PlaylistState } from './playlist-states.ts'
import type { Journal } from './ports.ts'
import { toBytes } from './records.ts'
import { type ChunkPart, type ChunkPlace, readChunks } from './sealed-list.ts'

/** A playlist as players get it. */
export interface ServedPlaylist {
  readonly bytes: Uint8Array
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly publishedAt: number
  /** What tells it from others of the same version: other entries of a recording, or around them; absent: nothing needs to. */
  readonly mark?: string
  /** When its newest version was accepted, in ms since the epoch; absent once it has ended, and of multivariant playlists. */
  readonly liveSince?: number
}

/** The served text of a playlist; undefined when nothing was published yet. Put together once for each version. */
export function servedText(journal: Journal, state: PlaylistState): ServedPlaylist | undefined {
  const { record } = state
  if (record?.served === undefined) return undefined
  const { version, publishedAt, sealed, head, entries, foot } = record.served
  if (state.text?.version !== version) {
    const bytes = joined(head, sealedTexts(journal, state, sealed, 'served'), entries.join('') + foot)
    state.text = { version, bytes }
  }
  const isLive = record.kind === 'media' && !record.timeline.hasEndlist
  return { bytes: state.text.bytes, version, publishedAt, ...(isLive ? { liveSince: record.timeline.acceptedAt } : {}) }
}

/** The newest accepted text of a playlist, byte for byte. */
export function acceptedText(journal: Journal, state: PlaylistState, record: PlaylistRecord): Uint8Array {
  const sealed = record.kind === 'media' && record.sealed !== undefined ? allChunks(record.sealed) : undefined
  return joined(record.head, sealedTexts(journal, state, sealed, 'raw'), record.tail)
}

function sealedTexts(
  journal: Journal,
  at: ChunkPlace,
  sealed: SealedChunks | undefined,
  part: ChunkPart,
): Uint8Array[] {
  return sealed === undefined ? [] : [...readChunks(journal, at, sealed, part)]
}

function joined(head: string, middle: readonly Uint8Array[], tail: string): Uint8Array {
  return concat([toBytes(head), ...middle, toBytes(tail)])
}
