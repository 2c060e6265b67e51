import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fileContent } from '../../src/node/disk-body-files.ts'
import {
  Checker,
  isPlaylistBody,
  type RecordingProxy,
  startReceiver,
  startRecordingProxy,
  type TestReceiver,
} from '../../src/testing/index.ts'
import { bytesOf } from '../conformance/store-bodies.ts'
import { amsOutput, pictureArgs, requireProgram, run } from '../support/ffmpeg.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { CREDENTIALS } from '../support/s3/signature.ts'
import { storeOf } from '../support/s3/store.ts'
import { sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { Buckets, type SeenObject } from './support/buckets.ts'
import { type Ceph, startCeph } from './support/ceph.ts'

const SECONDS = 10
const MIN_VERIFIED = 12
const MIB = 1024 * 1024
const TYPES: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  ts: 'video/mp2t',
  m4s: 'video/iso.segment',
  mp4: 'video/mp4',
}

let ceph: Ceph
let buckets: Buckets
let receiver: TestReceiver
let proxy: RecordingProxy
let bucket: string
let count = 0

beforeAll(async () => {
  requireProgram('ffmpeg', 'ffmpeg')
  ceph = await startCeph()
  buckets = new Buckets(ceph.url)
})

afterAll(async () => {
  buckets.close()
  await ceph.stop()
})

beforeEach(async () => {
  bucket = `push-${++count}`
  await buckets.create(bucket)
  receiver = await startReceiver(s3Environment(ceph.url, bucket))
  proxy = await startRecordingProxy(receiver.port)
})

afterEach(async () => {
  await proxy.stop()
  await receiver.stop()
})

const named = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** Everything in the bucket, once the playlist there has ended and is what the origin serves. */
async function stored(name: string): Promise<SeenObject[]> {
  return until(`${name} in the bucket as it is served`, async () => {
    const served = await (await fetch(`${receiver.url}/live/streams/${name}`)).text()
    const all = await buckets.objects(bucket)
    const objects = all.filter(({ key }) => key.startsWith('live/streams/'))
    const text = objects.find(({ key }) => key === `live/streams/${name}`)?.bytes.toString()
    return text === served && served.includes('#EXT-X-ENDLIST') ? objects : undefined
  })
}

describe.each<[string, readonly string[]]>([
  ['MPEG-TS', []],
  ['fMP4', ['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'stream1_init.mp4']],
])('ffmpeg pushes %s to a real S3 store', (_what, more) => {
  test('P1: every object is there by its hash, with its type, and no upload is left open', async () => {
    const base = `http://127.0.0.1:${proxy.port}/live/hls-upload`
    const names = more.length > 0 ? [...more, '-hls_segment_filename', `${base}/stream1%09d.m4s`] : []
    const checker = new Checker({
      url: receiver.url,
      app: 'live',
      recording: proxy.recording,
      playlists: ['stream1.m3u8'],
    })
    checker.start()
    const push = await run('ffmpeg', [...pictureArgs(SECONDS), ...amsOutput(base, 'stream1', names)])
    expect([push.code, push.stderr]).toEqual([0, ''])
    const objects = await stored('stream1.m3u8')
    const sent = proxy.uploads.filter(({ bytes }) => bytes.length > 0 && !isPlaylistBody(bytes))
    const media = objects.filter(({ key }) => !key.endsWith('.m3u8'))
    expect(media.map(({ hash }) => hash).sort()).toEqual([...new Set(sent.map(({ bytes }) => sha256(bytes)))].sort())
    for (const { key, contentType, cacheControl } of objects) {
      expect(contentType, key).toBe(TYPES[key.slice(key.lastIndexOf('.') + 1)])
      expect(cacheControl, key).toBe(key.endsWith('.m3u8') ? 'no-cache' : 'public, max-age=31536000, immutable')
    }
    const list = objects.find(({ key }) => key.endsWith('.m3u8'))?.bytes.toString() ?? ''
    const keys = new Set(objects.map(({ key }) => key))
    expect(named(list).filter((uri) => !keys.has(`live/streams/${uri}`))).toEqual([])
    expect(await buckets.openUploads(bucket)).toBe(0)
    expect(receiver.logLines.join('\n')).not.toContain(CREDENTIALS.secretAccessKey)
    const { verified } = await checker.finish({ atLeast: MIN_VERIFIED })
    console.log(`${verified} verified at the origin, ${media.length} objects by hash in the bucket`)
  })
})

test('an upload in parts: the bytes, the type, and nothing left open', async () => {
  const store = storeOf(ceph, { bucket }, { maxSinglePutBytes: 5 * MIB, partBytes: 5 * MIB })
  const bytes = bytesOf('large', 23 * MIB)
  const path = join(receiver.dataDir, 'large')
  await writeFile(path, bytes)
  await store.put('large.ts', fileContent(path, bytes.length), { contentType: 'video/mp2t', token: 'id1' })
  const object = (await buckets.objects(bucket)).find(({ key }) => key === 'large.ts')
  expect([object?.hash, object?.contentType]).toEqual([sha256(Buffer.from(bytes)), 'video/mp2t'])
  expect(await buckets.openUploads(bucket)).toBe(0)
  await store.close()
})
