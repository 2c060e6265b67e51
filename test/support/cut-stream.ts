import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FRAME_RATE, pictureArgs, run } from './ffmpeg.ts'

/** Seconds of each segment. */
export const CUT_SECONDS = 1
const LIST = 'list.m3u8'
const INIT = 'cam_init.mp4'

/** How a stream is cut into segments. */
export type CutFormat = 'MPEG-TS' | 'fMP4'

/** A stream that ffmpeg has cut into segments of CUT_SECONDS, as files of one folder. */
export interface CutStream {
  readonly folder: string
  /** The list of all its segments, on disk. */
  readonly list: string
  /** Names, in order. */
  readonly segments: readonly string[]
  readonly init: string | undefined
  bytes(name: string): Buffer<ArrayBuffer>
  remove(): void
}

/** Makes a stream of H.264 and AAC, as fast as it goes; every segment begins with a key frame. */
export async function cutStream(format: CutFormat, count: number): Promise<CutStream> {
  const folder = mkdtempSync(join(tmpdir(), 'cut-stream-'))
  const list = join(folder, LIST)
  const isFragmented = format === 'fMP4'
  const name = join(folder, `cam%09d.${isFragmented ? 'm4s' : 'ts'}`)
  const made = await run('ffmpeg', [
    ...pictureArgs(count * CUT_SECONDS).filter((arg) => arg !== '-re'),
    ...['-g', String(FRAME_RATE * CUT_SECONDS), '-keyint_min', String(FRAME_RATE * CUT_SECONDS)],
    ...['-f', 'hls', '-hls_time', String(CUT_SECONDS), '-hls_list_size', '0', '-hls_segment_filename', name],
    ...(isFragmented ? ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', INIT] : []),
    list,
  ])
  const files = readdirSync(folder)
  const segments = files.filter((file) => /\.(ts|m4s)$/.test(file)).sort()
  if (made.code !== 0 || segments.length !== count) throw new Error(`${segments.length} segments: ${made.stderr}`)
  return {
    folder,
    list,
    segments,
    init: isFragmented ? INIT : undefined,
    bytes: (file) => readFileSync(join(folder, file)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
