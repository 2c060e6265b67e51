import { type Manifest, Parser, type Segment } from 'm3u8-parser'
import { ReceiverError } from '../errors.ts'
import type { MediaRange } from './scan.ts'
import { tagOf, tagValue } from './tags.ts'

/** A media segment as m3u8-parser reads it. */
export interface ParsedEntry {
  readonly uri: string
  /** EXTINF in seconds (0.01 for 0); the target duration when EXTINF is missing or no number, and 0 when both are. */
  readonly duration: number
  /** Counted from 0 for the first range of the given lines when its offset is not written. */
  readonly byteRange: MediaRange | undefined
  /** Its own EXT-X-PROGRAM-DATE-TIME in ms since 1970; undefined when it has none, or one that is no date. */
  readonly dateTime: number | undefined
  readonly isDiscontinuity: boolean
}

/** A variant of a multivariant playlist as m3u8-parser reads it. */
export interface ParsedVariant {
  readonly uri: string
  /** BANDWIDTH in bits per second. */
  readonly bandwidth: number | undefined
}

/** What a playlist says, read by m3u8-parser; of the lines that it was given. */
export interface ParsedPlaylist {
  /** In whole seconds; undefined when it is missing or no number. */
  readonly targetDuration: number | undefined
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  readonly hasEndlist: boolean
  readonly playlistType: 'EVENT' | 'VOD' | undefined
  readonly entries: readonly ParsedEntry[]
  readonly variants: readonly ParsedVariant[]
}

/** The tags whose reading is asked for; the others cost time, or the square of it, for nothing. */
const READ_TAGS: ReadonlySet<string> = new Set([
  '#EXTM3U',
  '#EXTINF',
  '#EXT-X-BYTERANGE',
  '#EXT-X-DISCONTINUITY',
  '#EXT-X-DISCONTINUITY-SEQUENCE',
  '#EXT-X-ENDLIST',
  '#EXT-X-MEDIA-SEQUENCE',
  '#EXT-X-PLAYLIST-TYPE',
  '#EXT-X-PROGRAM-DATE-TIME',
  '#EXT-X-STREAM-INF',
  '#EXT-X-TARGETDURATION',
])

/**
 * Reads lines that passed `assertHarmless` with m3u8-parser: a whole playlist, or its own tags and the entries that were
 * added to it. Throws `playlist-invalid` when m3u8-parser cannot read them.
 */
export function parsePlaylist(lines: readonly string[]): ParsedPlaylist {
  const parser = new Parser()
  try {
    parser.push(`${readLinesOf(lines).join('\n')}\n`)
    parser.end()
  } catch (cause) {
    throw new ReceiverError('playlist-invalid', 'A tag is malformed.', { cause })
  }
  return fromManifest(parser.manifest)
}

function readLinesOf(lines: readonly string[]): string[] {
  const read: string[] = []
  for (const line of lines) {
    const text = line.trim()
    if (!text.startsWith('#')) read.push(text)
    else if (READ_TAGS.has(tagOf(text))) read.push(text.includes(':') ? `${tagOf(text)}:${tagValue(text)}` : text)
  }
  return read
}

function fromManifest(manifest: Manifest): ParsedPlaylist {
  const { playlistType } = manifest
  return {
    targetDuration: manifest.targetDuration,
    mediaSequence: manifest.mediaSequence ?? 0,
    discontinuitySequence: manifest.discontinuitySequence ?? 0,
    hasEndlist: manifest.endList === true,
    playlistType: playlistType === 'EVENT' || playlistType === 'VOD' ? playlistType : undefined,
    entries: manifest.playlists === undefined ? manifest.segments.map(toEntry) : [],
    variants: (manifest.playlists ?? []).map(({ uri, attributes }) => ({ uri, bandwidth: attributes?.BANDWIDTH })),
  }
}

function toEntry({ uri, duration, byterange, dateTimeObject, discontinuity }: Partial<Segment>): ParsedEntry {
  const dateTime = dateTimeObject?.getTime()
  const end = byterange === undefined ? Number.NaN : byterange.offset + byterange.length
  return {
    uri: uri ?? '',
    duration: duration ?? 0,
    byteRange: byterange === undefined || Number.isNaN(end) ? undefined : { start: byterange.offset, end },
    dateTime: Number.isNaN(dateTime) ? undefined : dateTime,
    isDiscontinuity: discontinuity === true,
  }
}
