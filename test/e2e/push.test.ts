import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { amsOutput, decode, pictureArgs, requireProgram, run } from '../support/ffmpeg.ts'
import { hashTree } from '../support/tree.ts'
import { until } from '../support/until.ts'

const SECONDS = 6

beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
})

/** Pushes a few seconds to `base` and plays the result. */
async function pushAndPlay(
  receiver: TestReceiver,
  base: string,
  more: readonly string[] = [],
  folder = '',
): Promise<void> {
  const push = await run('ffmpeg', [...pictureArgs(SECONDS), ...amsOutput(base, 'stream1', more)])
  expect(push.code).toBe(0)
  const playUrl = `${receiver.url}/live/streams/${folder}stream1.m3u8`
  await until('the end of the playlist', async () => {
    const answer = await fetch(playUrl)
    return answer.ok && (await answer.text()).includes('#EXT-X-ENDLIST') ? true : undefined
  })
  const played = await decode(playUrl)
  expect(played.stderr).toBe('')
  expect(played.code).toBe(0)
}

async function withReceiver(
  settings: Record<string, string>,
  use: (receiver: TestReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await startReceiver(settings)
  try {
    await use(receiver)
    expect(receiver.logLines.join('\n')).not.toContain('s3cret')
    const playlist = await fetch(`${receiver.url}/live/streams/stream1.m3u8`)
    expect(await playlist.text()).not.toContain('s3cret')
  } finally {
    await receiver.stop()
  }
}

test.concurrent('Basic in ffmpeg’s URL, for playlist and segments', () =>
  withReceiver({ INGEST_KEYS: 's3cret' }, (receiver) =>
    pushAndPlay(receiver, `http://u:s3cret@${receiver.host}:${receiver.port}/live/hls-upload`),
  ))

test.concurrent('Basic on kept connections', () =>
  withReceiver({ INGEST_KEYS: 's3cret' }, (receiver) =>
    pushAndPlay(receiver, `http://u:s3cret@${receiver.host}:${receiver.port}/live/hls-upload`, [
      '-http_persistent',
      '1',
    ]),
  ))

test.concurrent('the key in the path', () =>
  withReceiver({ INGEST_KEYS: 'live/stream1=s3cret' }, (receiver) =>
    pushAndPlay(receiver, `${receiver.url}/live/k/s3cret/hls-upload`),
  ))

test.concurrent('a configured endpoint with a key in the path', () =>
  withReceiver({ INGEST_KEYS: 's3cret', INGEST_MOUNTS: '/hls-stream=live' }, (receiver) =>
    pushAndPlay(receiver, `${receiver.url}/k/s3cret/hls-stream`),
  ))

test.concurrent('fMP4: the init section is announced segments before its body', () =>
  withReceiver({}, (receiver) =>
    pushAndPlay(receiver, `${receiver.url}/live/hls-upload`, [
      ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'stream1_init.mp4'],
      ...['-hls_segment_filename', `${receiver.url}/live/hls-upload/stream1%09d.m4s`],
    ]),
  ))

test.concurrent('DATA_DIR is a symbolic link', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hls-receiver-'))
  mkdirSync(join(folder, 'real'))
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  const receiver = await startReceiver({ DATA_DIR: join(folder, 'link') })
  try {
    await pushAndPlay(receiver, `${receiver.url}/live/hls-upload`)
    const stored = await until('three segments below the real folder', () => {
      const tree = hashTree(join(folder, 'real/live/streams'))
      return tree.size >= 4 ? tree : undefined
    })
    expect([...stored.keys()]).toContain('stream1000000001.ts')
  } finally {
    await receiver.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
