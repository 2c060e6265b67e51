import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { decode, FRAME_RATE, pictureArgs, requireProgram, run, start } from '../support/ffmpeg.ts'
import { until } from '../support/until.ts'
import { startHooks } from './support/hooks.ts'
import { contrast, greyPictures, isFastStart, nearest, probe } from './support/probe.ts'

const SEGMENT_SECONDS = 2
const ADMIN = 'admin-key-of-the-test'
const HEIGHTS = [90, 180]
const WAIT_MS = 90_000
/** A segment that the encoder has ended takes so long at most until its playlist is served (P9), and its dates are as exact, in ms. */
const UNDER_WAY_MS = 500

interface ShownVod {
  readonly vodId: string
  readonly vodName: string
  readonly filePath: string
  readonly streamId: string
  readonly duration: number
  readonly fileSize: number
  readonly startTime: number
  readonly previewFilePath: string | null
}

let receiver: TestReceiver
let folder: string
const encoders: ReturnType<typeof start>[] = []

beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
  requireProgram('ffprobe', 'ffmpeg')
  requireProgram('curl', 'curl')
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recorded-files-'))
})

afterEach(async () => {
  for (const { child } of encoders) child.kill('SIGKILL')
  await Promise.all(encoders.splice(0).map(({ finished }) => finished))
  await receiver.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Pushes two renditions as AMS names them, H.264 and AAC in MPEG-TS. */
function pushRenditions(stream: string, seconds: number, tone: number): ReturnType<typeof start> {
  const [inputs, codecs] = split(pictureArgs(seconds, tone))
  const outputs = HEIGHTS.flatMap((height) => {
    const name = `${receiver.url}/live/hls-upload/${stream}_${height}p100kbps`
    const hls = ['-f', 'hls', '-method', 'PUT', '-hls_time', String(SEGMENT_SECONDS), '-start_number', '1']
    const flags = ['-hls_flags', 'program_date_time', '-hls_segment_filename', `${name}%09d.ts`, `${name}.m3u8`]
    return [...codecs, '-vf', `scale=-2:${height}`, ...hls, ...flags]
  })
  const encoder = start('ffmpeg', [...inputs, ...outputs])
  encoders.push(encoder)
  return encoder
}

function split(args: readonly string[]): [string[], string[]] {
  const at = args.indexOf('-t')
  return [args.slice(0, at), args.slice(at)]
}

async function vods(count: number): Promise<ShownVod[]> {
  return until(
    `${count} files`,
    async () => {
      const answer = await rest('GET', '/vods/list/0/50?sort_by=name')
      const all = JSON.parse(answer) as ShownVod[]
      return all.length >= count ? all : undefined
    },
    WAIT_MS,
  )
}

/** Asks the management API with curl. */
async function rest(method: string, path: string): Promise<string> {
  const url = `${receiver.url}/live/rest/v2${path}`
  const { stdout, stderr, code } = await run('curl', ['-sS', '-X', method, '-H', `Authorization: Bearer ${ADMIN}`, url])
  if (code !== 0) throw new Error(stderr)
  return stdout
}

async function download(path: string): Promise<string> {
  const answer = await fetch(`${receiver.url}/live/${path}`)
  expect(answer.status).toBe(200)
  const target = join(folder, path.replaceAll('/', '-'))
  writeFileSync(target, Buffer.from(await answer.arrayBuffer()))
  return target
}

/** How long the recording of a playlist plays, in s. */
async function recordedSeconds(name: string): Promise<number> {
  const text = await (await fetch(`${receiver.url}/live/streams/${name}.m3u8?playlist=vod`)).text()
  return [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].reduce((sum, [, seconds]) => sum + Number(seconds), 0)
}

async function segments(name: string, count: number): Promise<void> {
  await until(`${count} segments of ${name}`, async () => {
    const answer = await fetch(`${receiver.url}/live/streams/${name}.m3u8?playlist=event`)
    return answer.ok && (await answer.text()).split('#EXTINF').length > count ? true : undefined
  })
}

describe('what was live becomes files', () => {
  test('an encoder is killed and comes back: mp4 and WebM of each rendition have all of it, and can be played; a picture is left', async () => {
    const hooks = await startHooks()
    receiver = await startReceiver({
      ...{ LISTENER_HOOK_URL: hooks.url, WEBHOOK_SECRETS: hooks.secret, WEBHOOK_ALLOW_PRIVATE: 'true' },
      ...{ ADMIN_KEYS: ADMIN, MP4_MUXING_ENABLED: 'true', WEBM_MUXING_ENABLED: 'true' },
      ...{ GENERATE_PREVIEW: 'true', CREATE_PREVIEW_PERIOD: '2000', PREVIEW_HEIGHT: '72' },
    })
    const first = pushRenditions('cam', 60, 440)
    await segments('cam_180p100kbps', 3)
    await segments('cam_90p100kbps', 3)
    first.child.kill('SIGKILL')
    await first.finished
    expect((await pushRenditions('cam', 7, 660).finished).code).toBe(0)
    const all = await vods(4)
    const names = HEIGHTS.flatMap((height) => ['mp4', 'webm'].map((format) => `cam_${height}p100kbps.${format}`))
    expect(all.map(({ vodName }) => vodName)).toEqual(names.toSorted())
    for (const { vodName, filePath, duration, fileSize, streamId } of all) {
      expect({ filePath, streamId }).toEqual({ filePath: `streams/${vodName}`, streamId: 'cam' })
      const path = await download(filePath)
      const isMp4 = vodName.endsWith('.mp4')
      const { codecs, seconds, heights } = await probe(path)
      expect(codecs).toEqual(isMp4 ? ['h264', 'aac'] : [expect.stringMatching(/^vp[89]$/), 'opus'])
      expect(heights).toEqual([Number(/_(\d+)p/.exec(vodName)?.[1])])
      const expected = await recordedSeconds(vodName.replace(/\.\w+$/, ''))
      expect(Math.abs(seconds - expected)).toBeLessThan(SEGMENT_SECONDS)
      expect(Math.abs(duration / 1_000 - seconds)).toBeLessThan(0.5)
      expect(fileSize).toBeGreaterThan(10_000)
      if (isMp4) expect(isFastStart(path)).toBe(true)
      const decoded = await decode(path)
      expect(decoded.stderr).toBe('')
      expect(decoded.frames).toBeGreaterThan(FRAME_RATE * (expected - SEGMENT_SECONDS))
      const fromMiddle = await decode(`${receiver.url}/live/${filePath}`, ['-ss', String(expected / 2)])
      expect(fromMiddle.stderr).toBe('')
      expect(fromMiddle.frames).toBeGreaterThan(FRAME_RATE)
      expect(fromMiddle.frames).toBeLessThan(decoded.frames * 0.75)
    }
    await until('a picture of the end', async () =>
      (await fetch(`${receiver.url}/live/previews/cam_finished.png`)).ok ? true : undefined,
    )
    for (const picture of ['previews/cam.png', 'previews/cam_finished.png']) {
      const path = await download(picture)
      expect((await probe(path)).heights).toEqual([72])
      const [pixels] = await greyPictures(path)
      expect(contrast(pixels ?? new Uint8Array(1))).toBeGreaterThan(20)
    }
    const told = await until('all events', () => (hooks.told.length >= 8 ? hooks.told : undefined))
    expect(told.map(({ action }) => action)).toEqual([
      ...['liveStreamStarted', 'recordingStarted', 'recordingStarted', 'liveStreamEnded'],
      ...Array.from({ length: 4 }, () => 'vodReady'),
    ])
    const ready = told.slice(-4).map(({ vodId, vodName }) => `${vodId} ${vodName}`)
    expect(ready.sort()).toEqual(all.map(({ vodId, vodName }) => `${vodId} ${vodName.replace(/\.\w+$/, '')}`).sort())
    await hooks.stop()
  })

  test.each(['mp4', 'webm'])(
    'a recording into %s that is switched on and off begins and ends within a segment of the request',
    async (format) => {
      receiver = await startReceiver({ ADMIN_KEYS: ADMIN })
      const encoder = pushRenditions('stream1', 19, 520)
      await segments('stream1_90p100kbps', 3)
      const path = (isOn: boolean) =>
        `/broadcasts/{stream1}/recording/{${isOn}}?recordType=${format}&resolutionHeight=90`
      const begun = { at: Date.now(), result: JSON.parse(await rest('PUT', path(true))) as Record<string, unknown> }
      expect(begun.result).toEqual({
        success: true,
        message: expect.stringMatching(/^\d{13}$/),
        dataId: expect.stringMatching(/^[A-Za-z0-9]{24}$/),
        errorId: 0,
      })
      expect(Object.keys(begun.result)).toEqual(['success', 'message', 'dataId', 'errorId'])
      await segments('stream1_90p100kbps', 6)
      const ended = { at: Date.now(), result: JSON.parse(await rest('PUT', path(false))) as Record<string, unknown> }
      expect(ended.result).toEqual(begun.result)
      const [vod] = await vods(1)
      expect(vod).toMatchObject({
        vodId: begun.result['dataId'],
        vodName: `stream1_90p100kbps.${format}`,
        streamId: 'stream1',
      })
      expect((await encoder.finished).code).toBe(0)
      const vodText = await until('the whole recording', async () => {
        const text = await (await fetch(`${receiver.url}/live/streams/stream1_90p100kbps.m3u8?playlist=vod`)).text()
        return text.split('#EXTINF').length > 9 ? text : undefined
      })
      const beganAt = Date.parse(/^#EXT-X-PROGRAM-DATE-TIME:(.*)$/m.exec(vodText)?.[1] ?? '')
      const whole = await greyPictures(`${receiver.url}/live/streams/stream1_90p100kbps.m3u8?playlist=vod`)
      const part = await greyPictures(await download(vod?.filePath ?? ''))
      const shownAt = (picture: Uint8Array | undefined) => {
        const { index, difference } = nearest(whole, picture ?? new Uint8Array(0))
        expect(difference).toBeLessThan(60)
        return beganAt + (index * 1_000) / FRAME_RATE
      }
      const segmentMs = SEGMENT_SECONDS * 1_000
      const within = segmentMs + UNDER_WAY_MS
      expect(Math.abs(begun.at - shownAt(part[0]))).toBeLessThan(within)
      expect(Math.abs(ended.at - shownAt(part.at(-1)))).toBeLessThan(within)
      // A segment less at an end would pass for within one, too.
      const seconds = (ended.at - begun.at) / 1_000
      expect(part.length / FRAME_RATE).toBeGreaterThan(seconds - UNDER_WAY_MS / 1_000)
      expect(await vods(1)).toHaveLength(1)
    },
  )
})
