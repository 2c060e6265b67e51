import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ReceiverError } from '../../../src/core/errors.ts'
import type { InputPart, MadeFile, MakeOrder, ReadInput } from '../../../src/core/making/order.ts'
import { EmbeddedMaker } from '../../../src/recording/embedded-maker.ts'
import { Ffmpeg, type FfmpegLimits } from '../../../src/recording/ffmpeg.ts'
import { FRAME_RATE, run } from '../../support/ffmpeg.ts'
import { inputParts } from '../../support/input-parts.ts'

const LIMITS: FfmpegLimits = { ms: 60_000, bytes: 2 ** 30 }

/** A recording on this disk, and what makes files of it. */
export interface Workshop {
  /** Where the files of the recording lie. */
  readonly recorded: string
  readonly maker: EmbeddedMaker
  /** What was made and not removed. */
  left(): string[]
  close(): void
}

/** Options of a workshop: another ffmpeg, other limits, another way to read. */
export interface WorkshopOptions {
  readonly path?: string
  readonly limits?: Partial<FfmpegLimits>
  readonly read?: (read: ReadInput) => ReadInput
}

/** Opens an empty one. */
export function openWorkshop({ path = 'ffmpeg', limits = {}, read = (same) => same }: WorkshopOptions = {}): Workshop {
  const root = mkdtempSync(join(tmpdir(), 'hls-receiver-making-'))
  const [recorded, folder] = [join(root, 'recorded'), join(root, 'work')]
  for (const each of [recorded, folder]) mkdirSync(each)
  const ffmpeg = new Ffmpeg(path, { ...LIMITS, ...limits })
  return {
    recorded,
    maker: new EmbeddedMaker({ ffmpeg, read: read(readFrom(recorded)), folder }),
    left: () => readdirSync(folder),
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

function readFrom(folder: string): ReadInput {
  return async function* (app, stored, range) {
    expect(app).toBe('live')
    let bytes: Uint8Array
    try {
      bytes = readFileSync(join(folder, stored))
    } catch (cause) {
      throw new ReceiverError('not-found', undefined, { cause })
    }
    const asked = range === undefined ? bytes : bytes.subarray(range.start, range.end)
    for (let at = 0; at < asked.length; at += 10_000) yield asked.subarray(at, at + 10_000)
  }
}

/** How a run of an encoder is recorded. */
export interface RunOptions {
  readonly seconds: number
  /** The tone, in Hz. */
  readonly seed?: number
  readonly size?: string
  readonly video?: readonly string[]
  readonly audio?: readonly string[]
  readonly hls?: readonly string[]
  readonly extension?: string
  /** Its segments' name behind its own. */
  readonly segments?: string
}

const VIDEO = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-pix_fmt', 'yuv420p', '-b:v', '100k']
const EVERY_2_S = ['-g', '50', '-keyint_min', '50', '-sc_threshold', '0']
const AUDIO = ['-c:a', 'aac', '-b:a', '32k']

/** Records a run of segments of 2 s as `NAME000.ts` and so on; each run begins at its own start of time. */
export async function recordRun(workshop: Workshop, name: string, options: RunOptions): Promise<string> {
  const { seconds, seed = 440, size = '160x90', video = VIDEO, audio = AUDIO, hls = [], extension = 'ts' } = options
  const segments = `${options.segments ?? '%03d'}.${extension}`
  const pictures =
    video.length === 0 ? [] : ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${FRAME_RATE}:duration=${seconds}`]
  const sound =
    audio.length === 0 ? [] : ['-f', 'lavfi', '-i', `sine=frequency=${seed}:sample_rate=48000:duration=${seconds}`]
  const path = (end: string) => join(workshop.recorded, name + end)
  const coded = [...(video.length === 0 ? [] : [...video, ...EVERY_2_S]), ...audio]
  const output = ['-f', 'hls', '-hls_time', '2', '-hls_list_size', '0', '-hls_segment_filename', path(segments)]
  const done = await run('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-y', ...pictures, ...sound, ...coded],
    ...[...output, ...hls, path('.m3u8')],
  ])
  expect(done.stderr).toBe('')
  return readFileSync(path('.m3u8'), 'utf8')
}

/** Records a run of sound without a container, each segment with an ID3 tag before it (RFC 8216 section 3.4). */
export async function recordPackedRun(
  workshop: Workshop,
  name: string,
  audio: readonly string[],
  extension: string,
): Promise<string> {
  const format = extension === 'aac' ? 'adts' : extension
  const path = (end: string) => join(workshop.recorded, name + end)
  const done = await run('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=5', ...audio],
    ...['-f', 'segment', '-segment_time', '2', '-segment_format', format, '-segment_list', path('.m3u8')],
    path(`%03d.${extension}`),
  ])
  expect(done.stderr).toBe('')
  const owner = Buffer.from('com.apple.streaming.transportStreamTimestamp\0\0\0\0\0\0\0\0\0')
  const frame = Buffer.concat([Buffer.from('PRIV\0\0\0'), Buffer.of(owner.length, 0, 0), owner])
  const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0'), Buffer.of(frame.length), frame])
  const files = readdirSync(workshop.recorded).filter((file) => file.startsWith(name) && file.endsWith(extension))
  expect(files.length).toBeGreaterThan(1)
  for (const file of files) {
    const segment = join(workshop.recorded, file)
    writeFileSync(segment, Buffer.concat([tag, readFileSync(segment)]))
  }
  return readFileSync(path('.m3u8'), 'utf8')
}

/** The parts of playlists that were recorded one after the other. */
export function partsOf(...texts: readonly string[]): InputPart[] {
  return texts.flatMap((text) => inputParts('stream1.m3u8', new TextEncoder().encode(text)))
}

/** Has a file made. */
export function make(
  { maker }: Workshop,
  format: MakeOrder['format'],
  parts: readonly InputPart[],
  more: Partial<MakeOrder> & { signal?: AbortSignal; progress?: (percent: number) => void } = {},
): Promise<MadeFile> {
  const { signal = new AbortController().signal, progress = () => {}, ...order } = more
  return maker.make({ id: 'job1', app: 'live', format, parts, ...order }, { signal, progress })
}

/** What ffprobe tells of a file. */
export interface Probed {
  readonly format: { readonly duration?: string; readonly format_name: string }
  readonly streams: readonly {
    readonly codec_type: string
    readonly codec_name: string
    readonly codec_tag_string: string
    readonly start_time: string
    readonly width?: number
    readonly height?: number
  }[]
}

/** Reads what a file is. */
export async function probe(path: string): Promise<Probed> {
  const shown = await run('ffprobe', ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', path])
  expect(shown.stderr).toBe('')
  return JSON.parse(shown.stdout) as Probed
}

/** When the packets of a stream (`v` or `a`) are decoded and shown, and whether each needs no other; in s. */
export async function packetsOf(path: string, stream: string): Promise<{ dts: number; pts: number; isKey: boolean }[]> {
  const shown = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', stream, '-show_entries', 'packet=pts_time,dts_time,flags', '-of', 'csv=p=0'],
    path,
  ])
  return shown.stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pts, dts, flags = ''] = line.split(',')
      return { pts: Number(pts), dts: Number(dts), isKey: flags.startsWith('K') }
    })
}

/** The path of a file that was made. */
export function pathOf({ content }: MadeFile): string {
  if (content.path === undefined) throw new Error('it lies nowhere')
  return content.path
}
