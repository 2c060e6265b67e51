import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPlaylistBody, startReceiver, startRecordingProxy, type TestReceiver } from '../../src/testing/index.ts'
import { amsOutput, decode, FRAME_RATE, pictureArgs, requireProgram, run } from '../support/ffmpeg.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { hashTree, sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { Buckets } from './support/buckets.ts'
import { type Ceph, startCeph } from './support/ceph.ts'

const SECONDS = 8
/** The spool lets go of what the store has for good within three settlings, in ms. */
const TRIMMED_MS = 260_000
const TEST_MS = 480_000
/** Segments that are too large for the journal, so that they lie in the spool. */
const LARGE_PICTURES = ['-b:v', '1500k', '-vf', 'noise=alls=60:allf=t']
const KINDS = ['video', 'hls', 'png'] as const
const LIVE_PICTURE = 'live/previews/cam1.png'
const VIDEOS = ['cam1.mp4', 'cam1.webm']
const FILES = { MP4_MUXING_ENABLED: 'true', WEBM_MUXING_ENABLED: 'true', GENERATE_PREVIEW: 'true' }

let ceph: Ceph
let buckets: Buckets
let folder: string

beforeAll(async () => {
  requireProgram('ffmpeg', 'ffmpeg')
  ceph = await startCeph()
  buckets = new Buckets(ceph.url)
  folder = mkdtempSync(join(tmpdir(), 'upload-bits-'))
})

afterAll(async () => {
  buckets.close()
  await ceph.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The kinds of these files. */
function kindsOf(names: readonly string[]): string[] {
  const kinds = names
    .map((name) => name.slice(name.lastIndexOf('.') + 1))
    .map((kind) => (/^(ts|m3u8)$/.test(kind) ? 'hls' : /^(mp4|webm)$/.test(kind) ? 'video' : kind))
  return [...new Set(kinds)].sort()
}

/** Pushes a stream by a real encoder, and gives the hashes of its segments. */
async function push({ port, url }: TestReceiver): Promise<string[]> {
  const proxy = await startRecordingProxy(port)
  const base = `http://127.0.0.1:${proxy.port}/live/hls-upload`
  const pushed = await run('ffmpeg', [...pictureArgs(SECONDS), ...LARGE_PICTURES, ...amsOutput(base, 'cam1')])
  expect([pushed.code, pushed.stderr]).toEqual([0, ''])
  // It does not wait for its last uploads.
  await until('the whole stream', async () => {
    const text = await (await fetch(`${url}/live/streams/cam1.m3u8`)).text()
    const isWhole = text.includes('#EXT-X-ENDLIST') && !text.includes('#EXT-X-GAP')
    return isWhole && text.split('.ts\n').length > SECONDS / 2 ? true : undefined
  })
  const segments = proxy.uploads.filter(({ bytes }) => bytes.length > 0 && !isPlaylistBody(bytes))
  await proxy.stop()
  return segments.map(({ bytes }) => sha256(bytes)).sort()
}

const filesIn = async (bucket: string) =>
  (await buckets.keys(bucket)).filter((key) => !key.includes('/.') && !key.startsWith('.'))
const filesOn = (dataDir: string) => [...hashTree(join(dataDir, 'live'))].map(([name]) => `live/${name}`)

async function rest<T>({ url }: TestReceiver, path: string): Promise<T> {
  return (await (await fetch(`${url}/live/rest/v2${path}`)).json()) as T
}

const videosOf = async (receiver: TestReceiver) =>
  (await rest<{ vodName: string }[]>(receiver, '/vods/list/0/9?sort_by=name')).map(({ vodName }) => vodName)

/** Brings a stream to a receiver, which makes videos and a picture of it; it is stopped, and its spool is empty, when it resolves. */
async function fill(bits: number, settings: Record<string, string>): Promise<string[]> {
  const receiver = await startReceiver({ ...settings, ...FILES })
  const segments = await push(receiver)
  const spool = join(receiver.dataDir, '.receiver/bodies')
  expect(readdirSync(spool).length).toBeGreaterThan(1)
  await until(`the spool empty with ${bits}`, () => (readdirSync(spool).length === 0 ? true : undefined), TRIMMED_MS)
  const isDone = async () => ((await rest<unknown[]>(receiver, '/jobs')).length === 0 ? true : undefined)
  await until(`all made with ${bits}`, isDone, TRIMMED_MS)
  expect(await videosOf(receiver)).toEqual(VIDEOS)
  await receiver.stop({ keepData: true })
  return segments
}

/** Everything is listed, and plays over HTTP: the stream with its very segments, the videos, the picture. */
async function expectPlayable(receiver: TestReceiver, segments: readonly string[]): Promise<void> {
  const { url } = receiver
  const get = async (path: string, headers: Record<string, string> = {}) =>
    Buffer.from(await (await fetch(`${url}/live/${path}`, { headers })).arrayBuffer())
  const list = (await get('streams/cam1.m3u8?playlist=vod')).toString()
  const served = list.split('\n').filter((line) => line.endsWith('.ts'))
  const hashes = await Promise.all(served.map(async (name) => sha256(await get(`streams/${name}`))))
  expect(hashes.sort()).toEqual(segments)
  const stream = await decode(`${url}/live/streams/cam1.m3u8?playlist=vod`)
  expect([stream.code, stream.frames]).toEqual([0, SECONDS * FRAME_RATE])
  expect(await videosOf(receiver)).toEqual(VIDEOS)
  for (const name of VIDEOS) {
    const video = await decode(`${url}/live/streams/${name}`)
    expect([video.code, Math.round(video.seconds)]).toEqual([0, SECONDS])
    expect((await get(`streams/${name}`, { Range: 'bytes=-100' })).length).toBe(100)
  }
  const picture = await decode(`${url}/live/previews/cam1_finished.png`)
  expect([picture.code, picture.frames]).toEqual([0, 1])
}

test.concurrent.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'uploadExtensionsToS3=%d: exactly those kinds are in the bucket, the others on the disk, and all plays after a restart',
  async (bits) => {
    const bucket = `bits-${bits}`
    await buckets.create(bucket)
    const DATA_DIR = mkdtempSync(join(folder, `${bits}-`))
    const settings = { ...s3Environment(ceph.url, bucket), UPLOAD_EXTENSIONS_TO_S3: String(bits), DATA_DIR }
    const segments = await fill(bits, settings)
    expect(segments.length).toBeGreaterThanOrEqual(SECONDS / 2)
    const isMeant = (at: number) => (bits & (1 << at)) !== 0
    const receiver = await startReceiver(settings)
    try {
      const inBucket = await filesIn(bucket)
      expect(inBucket.filter((key) => key.endsWith('/cam1.png'))).toEqual([])
      expect(kindsOf(inBucket)).toEqual(KINDS.filter((_, at) => isMeant(at)).sort())
      // The picture of a live stream stays on the disk: the one of its end goes.
      const onDisk = filesOn(DATA_DIR).filter((name) => !(isMeant(KINDS.indexOf('png')) && name === LIVE_PICTURE))
      expect(kindsOf(onDisk)).toEqual(KINDS.filter((_, at) => !isMeant(at)).sort())
      await expectPlayable(receiver, segments)
      expect(await buckets.openUploads(bucket)).toBe(0)
    } finally {
      await receiver.stop({ keepData: true })
    }
  },
  TEST_MS,
)
