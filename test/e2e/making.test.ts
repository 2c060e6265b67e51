import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { decode, FRAME_RATE, requireProgram, run } from '../support/ffmpeg.ts'
import { make, openWorkshop, packetsOf, partsOf, pathOf, probe, recordRun, type Workshop } from './support/making.ts'

const FMP4 = ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename']
/** A frame of pictures, and one of sound, in s: what ends with another than it begins with may be so much longer. */
const FRAME_SECONDS = 0.1

let workshop: Workshop
beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
  requireProgram('ffprobe', 'ffmpeg')
})
beforeEach(() => {
  workshop = openWorkshop()
})
afterEach(() => {
  workshop.close()
})

/** What every file must be: as long as told, decoded without an error, with time stamps that go on. */
async function expectWhole(path: string, seconds: number, durationMs: number): Promise<void> {
  const { format } = await probe(path)
  expect(Math.abs(Number(format.duration) - seconds)).toBeLessThan(FRAME_SECONDS)
  expect(Math.abs(durationMs / 1_000 - Number(format.duration))).toBeLessThan(FRAME_SECONDS)
  const played = await decode(path)
  expect(played.stderr).toBe('')
  expect(played.code).toBe(0)
  for (const stream of ['v', 'a']) {
    const packets = await packetsOf(path, stream)
    expect(packets.length).toBeGreaterThan(0)
    const back = packets.filter(({ dts }, index) => dts <= (packets[index - 1]?.dts ?? Number.NEGATIVE_INFINITY))
    expect(back).toEqual([])
  }
}

/** How far sound and pictures lie apart where a second run begins, in s: both begin anew there, in the same moment. */
async function apartAtSeam(path: string, seam: number): Promise<number> {
  const begins = async (stream: string) => {
    const packets = (await packetsOf(path, stream)).map(({ pts }) => pts).sort((one, other) => one - other)
    return packets.find((pts) => pts >= seam - FRAME_SECONDS / 5) ?? 0
  }
  return Math.abs((await begins('v')) - (await begins('a')))
}

const RUNS = [
  { name: 'MPEG-TS', hls: (_: string) => [], extension: 'ts' },
  { name: 'fragmented MP4', hls: (run: string) => [...FMP4, `${run}_init.mp4`], extension: 'm4s' },
]

describe('one mp4 over a restart of the encoder, both runs beginning at the same time stamps', () => {
  test.each(RUNS)('$name', async ({ hls, extension }) => {
    const first = await recordRun(workshop, 'a', { seconds: 7, hls: hls('a'), extension })
    const second = await recordRun(workshop, 'b', { seconds: 5, seed: 660, hls: hls('b'), extension })
    const percents: number[] = []
    const made = await make(workshop, 'mp4', partsOf(first, second), { progress: (percent) => percents.push(percent) })
    const path = pathOf(made)
    const { streams } = await probe(path)
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264'])
    await expectWhole(path, 12, made.durationMs)
    expect((await packetsOf(path, 'v')).length).toBe(12 * FRAME_RATE)
    expect(await apartAtSeam(path, 7)).toBeLessThan(FRAME_SECONDS)
    expect(percents.at(-1)).toBeGreaterThan(95)
    // The index stands before the media, so that players begin at once.
    const bytes = readFileSync(path)
    expect(bytes.indexOf('moov')).toBeGreaterThan(0)
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
    expect(made.content.size).toBe(bytes.length)
    await made.remove()
    expect(workshop.left()).toEqual([])
  })

  test('pictures alone, which are not decoded in their order', async () => {
    const audio = [] as const
    const first = await recordRun(workshop, 'a', { seconds: 4, audio })
    const second = await recordRun(workshop, 'b', { seconds: 4, audio })
    const made = await make(workshop, 'mp4', partsOf(first, second))
    const packets = await packetsOf(pathOf(made), 'v')
    expect(packets.length).toBe(8 * FRAME_RATE)
    const steps = packets.slice(1).map(({ dts }, index) => dts - (packets[index]?.dts ?? 0))
    // No frame is squeezed in: all last as long, up to how time is counted.
    expect(Math.min(...steps)).toBeGreaterThan(0.9 / FRAME_RATE)
    expect(Math.max(...steps)).toBeLessThan(1.1 / FRAME_RATE)
    expect((await decode(pathOf(made))).stderr).toBe('')
  })

  test('sound that ends before its pictures, and another size after the restart', async () => {
    const first = await recordRun(workshop, 'a', { seconds: 4, hls: ['-af', 'atrim=end=3'] })
    const second = await recordRun(workshop, 'b', { seconds: 4, size: '320x180' })
    const made = await make(workshop, 'mp4', partsOf(first, second))
    await expectWhole(pathOf(made), 8, made.durationMs)
    expect(await apartAtSeam(pathOf(made), 4)).toBeLessThan(FRAME_SECONDS)
  })
})

test('time stamps that begin anew after a day, in the middle of a part', async () => {
  const late = ['-output_ts_offset', String(95_443.7 - 3), '-muxdelay', '0']
  const first = await recordRun(workshop, 'a', { seconds: 6, hls: late })
  const second = await recordRun(workshop, 'b', { seconds: 4 })
  const made = await make(workshop, 'mp4', partsOf(first, second))
  await expectWhole(pathOf(made), 10, made.durationMs)
})

test('H.265 under the name that Apple’s players know', async () => {
  const video = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p']
  const text = await recordRun(workshop, 'a', { seconds: 4, video })
  const made = await make(workshop, 'mp4', partsOf(text))
  const { streams } = await probe(pathOf(made))
  expect(streams.find(({ codec_type }) => codec_type === 'video')?.codec_tag_string).toBe('hvc1')
  expect((await decode(pathOf(made))).stderr).toBe('')
})

test('WebM of VP8 and Opus over a restart, with key frames to seek to', async () => {
  const first = await recordRun(workshop, 'a', { seconds: 7 })
  const second = await recordRun(workshop, 'b', { seconds: 5, size: '320x180' })
  const made = await make(workshop, 'webm', partsOf(first, second))
  const path = pathOf(made)
  const { streams } = await probe(path)
  expect(streams.map(({ codec_name }) => codec_name)).toEqual(['vp8', 'opus'])
  await expectWhole(path, 12, made.durationMs)
  const keys = (await packetsOf(path, 'v')).filter(({ isKey }) => isKey).map(({ pts }) => pts)
  const steps = [...keys, 12].map((pts, index) => pts - (keys[index - 1] ?? 0))
  expect(Math.max(...steps)).toBeLessThan(4.1)
  const sought = await decode(path, ['-ss', '9'])
  expect(sought.stderr).toBe('')
  expect(Math.abs(sought.seconds - 3)).toBeLessThan(0.3)
})

describe('pictures', () => {
  test.each([
    { format: 'png', codec: 'png' },
    { format: 'jpg', codec: 'mjpeg' },
    { format: 'webp', codec: 'webp' },
  ] as const)('$format, of a height, of the end of the recording', async ({ format, codec }) => {
    const first = await recordRun(workshop, 'a', { seconds: 2 })
    const made = await make(workshop, format, partsOf(first), { height: 46, quality: 80 })
    const { streams } = await probe(pathOf(made))
    expect(streams[0]).toMatchObject({ codec_name: codec, width: 82, height: 46 })
    expect(made.durationMs).toBe(0)
    expect(await deviation(pathOf(made))).toBeGreaterThan(20)
  })

  test('of the last one that needs no other, as high as the pictures are', async () => {
    const text = await recordRun(workshop, 'a', { seconds: 6 })
    const made = await make(workshop, 'png', partsOf(text))
    const last = join(workshop.recorded, 'last.png')
    await run('ffmpeg', ['-v', 'error', '-i', join(workshop.recorded, 'a002.ts'), '-frames:v', '1', last])
    const { streams } = await probe(pathOf(made))
    expect(streams[0]).toMatchObject({ width: 160, height: 90 })
    expect(await pixels(pathOf(made))).toEqual(await pixels(last))
  })

  test('a better quality takes more bytes', async () => {
    const text = await recordRun(workshop, 'a', { seconds: 2 })
    for (const format of ['jpg', 'webp'] as const) {
      const poor = await make(workshop, format, partsOf(text), { quality: 10 })
      const good = await make(workshop, format, partsOf(text), { quality: 95 })
      expect(good.content.size).toBeGreaterThan(1.5 * poor.content.size)
    }
  })

  test('of sound alone there is none', async () => {
    const text = await recordRun(workshop, 'a', { seconds: 4, video: [] })
    await expect(make(workshop, 'png', partsOf(text))).rejects.toMatchObject({ code: 'ffmpeg-failed' })
    expect(workshop.left()).toEqual([])
  })
})

async function pixels(path: string): Promise<string> {
  return (await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 'framemd5', '-pix_fmt', 'gray', '-'])).stdout
}

/** How much the pixels of a picture differ, from 0 of a blank one. */
async function deviation(path: string): Promise<number> {
  const raw = `${path}.gray`
  await run('ffmpeg', ['-v', 'error', '-y', '-i', path, '-pix_fmt', 'gray', '-f', 'rawvideo', raw])
  const values = [...readFileSync(raw)]
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
