import type { MakeOrder, PictureFormat, RecordingFormat } from '../core/making/order.ts'
import { HEVC } from './examine-part.ts'

/** What a recipe takes and gives besides its input and output. */
export interface Recipe {
  /** What its input is read with. */
  readonly inputOptions: readonly string[]
  readonly outputOptions: readonly string[]
}

/** Largest picture that is decoded, 8192 by 4320 points: a few bytes may say that they are one of ten gigabytes. */
const MAX_PIXELS = ['-max_pixels', String(8_192 * 4_320)]
/** Widest picture that is made, in points. */
const MAX_WIDTH = 7_680
/** Processor time that one job may take, in threads: others must go on. */
const THREADS = ['-threads', '2']
/** The first video and the first sound there are; nothing at all is no output. */
const FIRST_STREAMS = ['-map', '0:v:0?', '-map', '0:a:0?', '-abort_on', 'empty_output']
/** As they are, with the index in front, so that players begin at once. */
const MP4 = [...FIRST_STREAMS, '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4']
/** Apple's players know H.265 by this name only. */
const HEVC_TAG = ['-tag:v', 'hvc1']
/**
 * WebM has neither H.264 nor AAC: VP8, of an even quality up to a rate, a key frame every 4 s, so that it seeks; and Opus, filled up
 * with silence where the sound has a hole.
 */
const WEBM = [
  ...FIRST_STREAMS,
  ...['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-crf', '20', '-b:v', '2M', '-pix_fmt', 'yuv420p'],
  ...['-force_key_frames', 'expr:gte(t,n_forced*4)', ...THREADS],
  ...['-c:a', 'libopus', '-b:a', '96k', '-ac', '2', '-ar', '48000', '-af', 'aresample=async=1', '-f', 'webm'],
]
/** Each picture takes the place of the one before; the last one stays. */
const PICTURE = ['-map', '0:v:0', '-an', '-update', '1', '-f', 'image2', '-abort_on', 'empty_output', ...THREADS]
/** Only pictures that need no other are decoded. */
const WHOLE_PICTURES = ['-skip_frame', 'nokey', ...MAX_PIXELS, ...THREADS]

/** How a file, or a picture, is made of parts with these codecs (see `examinePart`). */
export function recipeOf({ format, height, quality }: MakeOrder, codecs: readonly string[]): Recipe {
  if (!isFile(format)) {
    const scale = height === undefined ? [] : ['-vf', scaledTo(Math.max(2, Math.floor(height)))]
    return { inputOptions: WHOLE_PICTURES, outputOptions: [...PICTURE, ...scale, ...encoderOf(format, quality)] }
  }
  if (format === 'webm') return { inputOptions: [...MAX_PIXELS, ...THREADS], outputOptions: WEBM }
  return { inputOptions: [], outputOptions: codecs.includes(HEVC) ? [...HEVC_TAG, ...MP4] : MP4 }
}

/** As high as that, and as wide as the shape asks for, but not wider than may be. */
function scaledTo(height: number): string {
  return `scale='min(${MAX_WIDTH},round(${height}*dar/2)*2)':${height}`
}

/** Whether it is a file that plays; else it is a picture. */
export function isFile(format: MakeOrder['format']): format is RecordingFormat {
  return format === 'mp4' || format === 'webm'
}

/** `quality` from 1 to 100; ffmpeg counts that of JPEG from 31, the least, to 2. */
function encoderOf(format: PictureFormat, quality: number | undefined): string[] {
  if (format === 'png') return ['-c:v', 'png']
  const percent = quality === undefined ? undefined : Math.min(100, Math.max(1, quality))
  if (format === 'webp') return ['-c:v', 'libwebp', ...(percent === undefined ? [] : ['-quality', String(percent)])]
  const scale = percent === undefined ? 3 : Math.round(31 - ((percent - 1) * 29) / 99)
  return ['-c:v', 'mjpeg', '-q:v', String(scale)]
}
