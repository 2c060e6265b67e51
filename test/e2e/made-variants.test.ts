import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { decode, requireProgram, run } from '../support/ffmpeg.ts'
import { until } from '../support/until.ts'

const SECONDS = 2
const H264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p']
const HEVC = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p']
const AAC = ['-c:a', 'aac']
const FMP4 = ['-hls_segment_type', 'fmp4']
const NTSC = '30000/1001'

/** What ffprobe tells of a stream. */
interface Probed {
  readonly codec_name: string
  readonly profile?: string
  readonly level?: number
  readonly width?: number
  readonly height?: number
  readonly r_frame_rate: string
}

let receiver: TestReceiver
let url: string

beforeAll(async () => {
  requireProgram('ffmpeg', 'ffmpeg')
  receiver = await startReceiver()
  url = `${receiver.url}/live`
})

afterAll(() => receiver.stop())

/** One rendition as ffmpeg pushes it, with a multivariant playlist of its own making under another name. */
function output(stream: string, encoder: readonly string[], more: readonly string[] = []): string[] {
  return [
    ...encoder,
    ...['-t', String(SECONDS), '-f', 'hls', '-method', 'PUT', '-hls_time', '1', '-hls_list_size', '5', ...more],
    ...['-hls_fmp4_init_filename', `${stream}_init.mp4`, '-master_pl_name', `${stream}-theirs.m3u8`],
    ...['-hls_segment_filename', `${url}/hls-upload/${stream}%09d.${more.includes('fmp4') ? 'm4s' : 'ts'}`],
    `${url}/hls-upload/${stream}.m3u8`,
  ]
}

const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error']
const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000']
const picture = (size: string, rate: string) => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`]

/** Pushes to the end, and waits until that is served. */
async function push(streams: readonly string[], args: readonly string[]): Promise<void> {
  const pushed = await run('ffmpeg', [...quiet, ...args])
  expect(pushed.code, pushed.stderr).toBe(0)
  for (const stream of streams) {
    await until('the end of the playlist', async () => {
      const answer = await fetch(`${url}/streams/${stream}.m3u8`)
      return answer.ok && (await answer.text()).includes('#EXT-X-ENDLIST') ? true : undefined
    })
  }
}

async function text(name: string): Promise<string> {
  const answer = await fetch(`${url}/streams/${name}`)
  expect(answer.status).toBe(200)
  return answer.text()
}

/** The value of an attribute of the first variant; undefined where it is not there. */
function attribute(playlist: string, name: string): string | undefined {
  return new RegExp(`[:,]${name}=(?:"([^"]*)"|([^,\n]*))`)
    .exec(playlist)
    ?.slice(1)
    .find((value) => value !== undefined)
}

async function probe(stream: string): Promise<Probed[]> {
  const shown = 'stream=codec_name,profile,level,width,height,r_frame_rate'
  const args = ['-v', 'error', '-show_entries', shown, '-of', 'json', `${url}/streams/${stream}.m3u8`]
  const { stdout, code, stderr } = await run('ffprobe', args)
  expect(code, stderr).toBe(0)
  return (JSON.parse(stdout) as { streams: Probed[] }).streams
}

const PROFILES: Readonly<Record<string, string>> = {
  'Constrained Baseline': '42',
  Main: '4d',
  High: '64',
  'High 4:4:4 Predictive': 'f4',
}
const HEVC_PROFILES: Readonly<Record<string, string>> = { Main: '1.6', 'Main 10': '2.4' }
const SOUNDS: Readonly<Record<string, string>> = { aac: 'mp4a.40.2', mp3: 'mp4a.40.34', ac3: 'ac-3', eac3: 'ec-3' }

/** What CODECS has for a stream, as far as ffprobe tells. */
function expectedCodec({ codec_name: name, profile = '', level = 0 }: Probed): RegExp {
  const hex = level.toString(16).padStart(2, '0')
  if (name === 'h264') return new RegExp(`^avc1\\.${PROFILES[profile]}[0-9a-f]{2}${hex}$`)
  if (name === 'hevc') return new RegExp(`^h(?:vc|ev)1\\.${HEVC_PROFILES[profile]}\\.L${level}(?:\\.[0-9a-f]+)*$`)
  return new RegExp(`^${SOUNDS[name]}$`)
}

describe('the made playlist says of a pushed rendition what ffprobe says of it', () => {
  test.each([
    ['baseline', picture('320x180', '25'), [...H264, ...AAC, '-profile:v', 'baseline'], []],
    ['main1080', picture('1920x1080', NTSC), [...H264, ...AAC, '-preset', 'veryfast', '-profile:v', 'main'], []],
    ['high', picture('642x362', '50'), [...H264, '-profile:v', 'high', '-c:a', 'libmp3lame'], []],
    ['all-colours', picture('642x363', '24'), ['-c:v', 'libx264', '-pix_fmt', 'yuv444p', '-c:a', 'eac3'], []],
    ['interlaced', picture('720x576', '25'), [...H264, '-flags', '+ildct+ilme', '-c:a', 'ac3'], []],
    ['hevc1080', picture('1920x1080', NTSC), [...HEVC, ...AAC], []],
    ['hevc-small', picture('638x358', '25'), [...HEVC, ...AAC, '-pix_fmt', 'yuv420p10le'], []],
    ['sound', [], AAC, []],
    ['fmp4-baseline', picture('320x180', '25'), [...H264, ...AAC, '-profile:v', 'baseline'], FMP4],
    ['fmp4-high1080', picture('1920x1080', NTSC), [...H264, ...AAC, '-preset', 'veryfast'], FMP4],
    ['fmp4-hevc', picture('638x358', '60000/1001'), [...HEVC, ...AAC, '-tag:v', 'hvc1'], FMP4],
    ['fmp4-sound', [], AAC, FMP4],
  ])('%s', async (stream, inputs, encoder, more) => {
    await push([stream], [...inputs, ...tone, ...output(stream, encoder, more)])
    const made = await text(`${stream}_adaptive.m3u8`)
    const probed = await probe(stream)
    const video = probed.find(({ width }) => width !== undefined)
    expect(probed).toHaveLength(inputs.length > 0 ? 2 : 1)
    const [times = 0, by = 1] = (video?.r_frame_rate ?? '').split('/').map(Number)
    expect(attribute(made, 'RESOLUTION')).toBe(video && `${video.width}x${video.height}`)
    expect(attribute(made, 'FRAME-RATE')).toBe(video && (times / by).toFixed(3))
    const codecs = attribute(made, 'CODECS')?.split(',') ?? []
    expect(codecs).toHaveLength(probed.length)
    const inOrder = probed.toSorted((one, other) => Number(other === video) - Number(one === video))
    for (const [index, each] of inOrder.entries()) expect(codecs[index]).toMatch(expectedCodec(each))
    if (!more.includes('fmp4') || encoder.includes('libx265')) return
    // Of fMP4 ffmpeg's own playlist says the same, to the last digit.
    expect(attribute(await text(`${stream}-theirs.m3u8`), 'CODECS')).toBe(codecs.join(','))
  })
})

test('renditions that are pushed without a multivariant playlist play from the one that is made, here and in the store', async () => {
  const streams = ['cam_120p100kbps', 'cam_240p500kbps']
  const scaled = (height: number, rate: string) => [
    '-map',
    '0:v',
    '-map',
    '1:a',
    '-vf',
    `scale=-2:${height}`,
    '-b:v',
    rate,
  ]
  const outputs = [scaled(120, '100k'), scaled(240, '500k')].flatMap((scale, index) =>
    output(streams[index] ?? '', [...scale, ...H264, ...AAC]),
  )
  await push(streams, [...picture('426x240', '25'), ...tone, ...outputs])
  const made = await text('cam_adaptive.m3u8')
  expect(made.match(/^cam.*$/gm)).toEqual(streams.map((stream) => `${stream}.m3u8`))
  const played = await decode(`${url}/streams/cam_adaptive.m3u8`, [], ['-map', '0:v:1'])
  expect(played.stderr).toBe('')
  expect(played.frames).toBe(25 * SECONDS)
  const stored = await until('the playlist in the store', () => {
    const found = inStore('cam_adaptive.m3u8')
    return found?.match(/^cam.*$/gm)?.length === 2 ? found : undefined
  })
  expect(stored.replace(/BANDWIDTH=\d+/g, '')).toBe(made.replace(/BANDWIDTH=\d+/g, ''))
})

function inStore(name: string): string | undefined {
  try {
    return readFileSync(join(receiver.dataDir, 'live/streams', name), 'utf8')
  } catch {
    return undefined
  }
}
