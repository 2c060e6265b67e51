import { beforeAll, expect, test } from 'vitest'
import {
  Checker,
  isPlaylistBody,
  type RecordingProxy,
  startReceiver,
  startRecordingProxy,
  type TestReceiver,
} from '../../src/testing/index.ts'
import { amsOutput, pictureArgs, requireProgram, run } from '../support/ffmpeg.ts'
import { type S3Behaviour, type S3Server, startS3Server } from '../support/s3/server.ts'
import { s3Environment } from '../support/s3/settings.ts'
import { sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'

const SECONDS = 10
const MIN_VERIFIED = 12

beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
})

const BUCKETS: readonly [string, Partial<S3Behaviour>][] = [
  ['like that of AWS', {}],
  ['that refuses checksums', { refusesChecksums: true }],
  ['that takes one write a second of each key', { writeIntervalMs: 1_000 }],
  ['that refuses conditions', { conditions: 'refuse' }],
  ['that ignores conditions', { conditions: 'ignore' }],
]

test.concurrent.each(BUCKETS)('P1, P2: ffmpeg pushes to a bucket %s', async (_what, behaviour) => {
  const server = await startS3Server(behaviour)
  const receiver = await startReceiver(s3Environment(server.url))
  const proxy = await startRecordingProxy(receiver.port)
  // The start finds out what the bucket can.
  const errors = server.errors.length
  try {
    await pushAndCompare(server, receiver, proxy)
    expect(server.errors.slice(errors)).toEqual([])
    expect(receiver.logLines.join('\n')).toContain('bucket is ready')
  } finally {
    await proxy.stop()
    await receiver.stop()
    await server.stop()
  }
})

async function pushAndCompare(server: S3Server, receiver: TestReceiver, proxy: RecordingProxy): Promise<void> {
  const recording = proxy.recording
  const checker = new Checker({ url: receiver.url, app: 'live', recording, playlists: ['stream1.m3u8'] })
  checker.start()
  const base = `http://127.0.0.1:${proxy.port}/live/hls-upload`
  const push = await run('ffmpeg', [...pictureArgs(SECONDS), ...amsOutput(base, 'stream1')])
  expect([push.code, push.stderr]).toEqual([0, ''])
  await until('the ended playlist in the bucket', async () => {
    const served = await (await fetch(`${receiver.url}/live/streams/stream1.m3u8`)).text()
    const text = server.objects.get('live/streams/stream1.m3u8')?.bytes.toString()
    return text === served && served.includes('#EXT-X-ENDLIST') ? true : undefined
  })
  await checker.finish({ atLeast: MIN_VERIFIED })
  const sent = proxy.uploads.filter(({ bytes }) => bytes.length > 0 && !isPlaylistBody(bytes))
  const stored = server.objects.all().filter(({ key }) => key.startsWith('live/') && !key.endsWith('.m3u8'))
  expect(stored.map(({ bytes }) => sha256(bytes)).sort()).toEqual([...new Set(sent.map(({ hash }) => hash))].sort())
}
