import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { amsOutput, pictureArgs } from '../../support/ffmpeg.ts'
import type { Push } from './push.ts'

/** How long each variant is pushed, in seconds. */
export const PUSH_SECONDS = 12

/** What a variant's arguments are made of. */
export interface VariantParts extends Pick<Push, 'base' | 'folder' | 'tone' | 'keyServer'> {
  /** `-http_persistent` */
  readonly persistent: 0 | 1
}

/** One way in which ffmpeg pushes. */
export interface Variant {
  readonly name: string
  /** What players open: a stored name. */
  readonly playlist: string
  /** Served media playlists that end with EXT-X-ENDLIST. */
  readonly media: readonly string[]
  /** Length of what its last playlist holds, in seconds. */
  readonly seconds: number
  /** Heights of the pictures that a player can choose from, in pixels, by rising bandwidth. */
  readonly heights: readonly number[]
  /** The playlist of a subtitles rendition, and all its texts. */
  readonly subtitles?: { readonly playlist: string; readonly cues: readonly string[] }
  args(parts: VariantParts): string[]
}

const LIST = 'stream1.m3u8'
const HEIGHT = 90
const one = { playlist: LIST, media: [LIST], seconds: PUSH_SECONDS, heights: [HEIGHT] }

function hls({ base, persistent }: VariantParts, options: readonly string[], target = LIST): string[] {
  const separator = target.startsWith('?') ? '' : '/'
  return [
    ...['-f', 'hls', '-method', 'PUT', '-hls_time', '2', '-hls_list_size', '0'],
    ...['-http_persistent', String(persistent), ...options, `${base}${separator}${target}`],
  ]
}

const picture = ({ tone }: VariantParts) => pictureArgs(PUSH_SECONDS, tone)

/** A variant that differs from ffmpeg's plain push only in its muxer options. */
function plain(name: string, options: (parts: VariantParts) => readonly string[], target = LIST): Variant {
  return { ...one, name, args: (parts) => [...picture(parts), ...hls(parts, options(parts), target)] }
}

const FMP4 = ['-hls_segment_type', 'fmp4']
const SINGLE_FILE = ['-hls_flags', 'single_file']

/** MPEG-TS as AMS sends it: a window of five segments, the others deleted. */
export const WINDOW: Variant = {
  ...one,
  name: 'MPEG-TS',
  seconds: 10,
  args: (parts) => [
    ...picture(parts),
    ...amsOutput(parts.base, 'stream1', ['-http_persistent', String(parts.persistent)]),
  ],
}

/** fMP4 with an init section. */
export const FRAGMENTED = plain('fMP4', () => FMP4)

/** Byte ranges into one MPEG-TS file: an empty PUT beside a POST with everything. */
export const RANGES = plain('single MPEG-TS file', () => SINGLE_FILE)

/** Byte ranges into one fMP4 file, which is one PUT for the whole push. */
export const FRAGMENTED_RANGES = plain('single fMP4 file', () => [...FMP4, ...SINGLE_FILE])

/** AES-128 whose key is uploaded beside the segments. */
export const OWN_KEY = plain('AES-128, key uploaded', ({ base }) => [
  ...['-hls_enc', '1', '-hls_enc_key', randomBytes(16).toString('hex'), '-hls_enc_key_url', `${base}/stream1.key`],
])

/** AES-128 whose key somebody else serves. */
export const FOREIGN_KEY = plain('AES-128, foreign key', ({ folder, keyServer }) => {
  const info = join(folder, 'key-info.txt')
  writeFileSync(join(folder, 'foreign.key'), keyServer.key)
  writeFileSync(info, `${keyServer.url}\n${join(folder, 'foreign.key')}\n`)
  return ['-hls_key_info_file', info]
})

/** Entries that are absolute upload URLs, with the key in them. */
export const ABSOLUTE = plain('absolute upload URLs', ({ base }) => ['-hls_base_url', `${base}/`])

/** YouTube's form: the file name, and something secret, in the query. */
export const FILE_IN_QUERY = plain(
  'the file name in the query',
  () => [],
  '?cid=not-for-viewers&copy=0&file=stream1.m3u8',
)

/** A token in the query, which ffmpeg cuts into the segments' names. */
export const TOKEN = plain('the token in the query', () => [], `${LIST}?token=not.for-viewers`)

const SPOKEN = Array.from({ length: PUSH_SECONDS / 2 }, (_, index) => `Line ${index + 1}`)

/** WebVTT beside MPEG-TS, in a rendition of its own. */
export const SUBTITLES: Variant = {
  name: 'WebVTT',
  playlist: 'master.m3u8',
  media: ['stream1_0.m3u8', 'stream1_0_vtt.m3u8'],
  seconds: PUSH_SECONDS,
  heights: [HEIGHT],
  subtitles: { playlist: 'stream1_0_vtt.m3u8', cues: SPOKEN },
  args: (parts) => [
    ...pictureArgs(PUSH_SECONDS, parts.tone, ['-i', writeSubtitles(parts.folder)]),
    ...['-map', '0:v', '-map', '1:a', '-map', '2:s', '-c:s', 'webvtt'],
    ...hls(
      parts,
      ['-var_stream_map', 'v:0,a:0,s:0,sgroup:subtitle', '-master_pl_name', 'master.m3u8'],
      'stream1_%v.m3u8',
    ),
  ],
}

function writeSubtitles(folder: string): string {
  const path = join(folder, 'subtitles.srt')
  const at = (seconds: number) => `00:00:${String(seconds).padStart(2, '0')}`
  const cues = SPOKEN.map((text, index) => `${index + 1}\n${at(index * 2)},500 --> ${at(index * 2 + 1)},500\n${text}\n`)
  writeFileSync(path, `${cues.join('\n')}\n`)
  return path
}

/** Two renditions with a multivariant playlist above them. */
export const FOLDERS = twoRenditions('two renditions in folders', 'v%v/stream1')

/** Two renditions and their multivariant playlist in one folder. */
export const ONE_FOLDER = twoRenditions('two renditions in one folder', 'stream1_%v')

function twoRenditions(name: string, pattern: string): Variant {
  return {
    name,
    playlist: 'master.m3u8',
    media: ['0', '1'].map((index) => `${pattern.replace('%v', index)}.m3u8`),
    seconds: PUSH_SECONDS,
    heights: [54, HEIGHT],
    args: (parts) => [
      ...picture(parts),
      ...['-map', '0:v', '-map', '1:a', '-map', '0:v', '-map', '1:a', '-s:v:1', '96x54', '-b:v:1', '50k'],
      ...hls(
        parts,
        [
          ...['-var_stream_map', 'v:0,a:0 v:1,a:1', '-master_pl_name', 'master.m3u8'],
          ...['-hls_segment_filename', `${parts.base}/${pattern}%03d.ts`],
        ],
        `${pattern}.m3u8`,
      ),
    ],
  }
}

/** A multivariant playlist of two encoders. */
export const TWO_VARIANTS = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-STREAM-INF:BANDWIDTH=150000,RESOLUTION=160x90
v0/stream1.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=160x90
v1/stream1.m3u8
`

/** The first of TWO_VARIANTS; the other comes late, from an encoder of its own. */
export const LATE: Variant = {
  name: 'a rendition that comes late',
  playlist: 'master.m3u8',
  media: ['v0/stream1.m3u8', 'v1/stream1.m3u8'],
  seconds: PUSH_SECONDS,
  heights: [HEIGHT, HEIGHT],
  args: (parts) => [...picture(parts), ...hls(parts, [], 'v0/stream1.m3u8')],
}

/** The second of TWO_VARIANTS. */
export function lateRendition(parts: VariantParts): string[] {
  return [...pictureArgs(PUSH_SECONDS, parts.tone + 1_000), ...hls(parts, [], 'v1/stream1.m3u8')]
}
