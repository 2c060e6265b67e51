import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { run } from '../../support/ffmpeg.ts'

/** What ffprobe says of a file. */
export interface Probed {
  /** Codecs of its streams, video first. */
  readonly codecs: readonly string[]
  /** How long it plays, in s. */
  readonly seconds: number
  readonly heights: readonly number[]
}

/** Looks at a file with ffprobe. */
export async function probe(path: string): Promise<Probed> {
  const wanted = ['-show_entries', 'stream=codec_name,codec_type,height:format=duration', '-of', 'json']
  const { stdout, stderr, code } = await run('ffprobe', ['-v', 'error', ...wanted, path])
  if (code !== 0) throw new Error(`ffprobe: ${stderr}`)
  const { streams, format } = JSON.parse(stdout) as {
    streams: { codec_name: string; codec_type: string; height?: number }[]
    format: { duration: string }
  }
  const inOrder = streams.toSorted((one, other) => (one.codec_type > other.codec_type ? -1 : 1))
  return {
    codecs: inOrder.map(({ codec_name }) => codec_name),
    seconds: Number(format.duration),
    heights: inOrder.flatMap(({ height }) => height ?? []),
  }
}

/** Whether the index of an mp4 stands before its media, so that players begin at once. */
export function isFastStart(path: string): boolean {
  const bytes = readFileSync(path)
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (type === 'moov' || type === 'mdat') return type === 'moov'
    at += Math.max(8, bytes.readUInt32BE(at))
  }
  return false
}

/** Lines and columns of a picture that is compared. */
const [COLUMNS, LINES] = [32, 18]

/** All pictures of a video, small and grey. */
export async function greyPictures(source: string, options: readonly string[] = []): Promise<Uint8Array[]> {
  const scaled = ['-vf', `scale=${COLUMNS}:${LINES}:flags=area,format=gray`, '-fps_mode', 'passthrough']
  const encoded = ['-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1']
  const bytes = await runForBytes('ffmpeg', [
    '-v',
    'error',
    '-nostdin',
    ...options,
    '-i',
    source,
    '-map',
    '0:v:0',
    ...scaled,
    ...encoded,
  ])
  const size = COLUMNS * LINES
  return Array.from({ length: bytes.length / size }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

/** Which of the pictures looks most like one, and how much they differ, from 0 on. */
export function nearest(pictures: readonly Uint8Array[], wanted: Uint8Array): { index: number; difference: number } {
  const all = pictures.map((picture, index) => ({ index, difference: difference(picture, wanted) }))
  return all.reduce((best, each) => (each.difference < best.difference ? each : best), {
    index: -1,
    difference: Number.POSITIVE_INFINITY,
  })
}

/** How much the brightness of a picture differs from place to place: 0 where it is blank. */
export function contrast(picture: Uint8Array): number {
  const mean = picture.reduce((sum, value) => sum + value, 0) / picture.length
  return Math.sqrt(picture.reduce((sum, value) => sum + (value - mean) ** 2, 0) / picture.length)
}

function difference(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0) / one.length
}

function runForBytes(command: string, args: readonly string[]): Promise<Uint8Array> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const pieces: Buffer[] = []
  let errors = ''
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  child.stderr.on('data', (piece: Buffer) => {
    errors += piece.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(pieces)) : reject(new Error(errors))))
  })
}
