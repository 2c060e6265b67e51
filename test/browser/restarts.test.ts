import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readServed, startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { startWireTee, type WireTee } from '../e2e/support/wire-tee.ts'
import { decode, pictureArgs, start } from '../support/ffmpeg.ts'
import { sha256 } from '../support/tree.ts'
import { until } from '../support/until.ts'
import { usePlayers } from './players.ts'

/** Longer than any run: each is killed. */
const ENDLESS_SECONDS = 600
/** Segments of 2 s that a run brings before it is killed; RUN_SEGMENTS=10 for runs of 20 s. */
const RUN_SEGMENTS = Number(process.env['RUN_SEGMENTS'] ?? 3)
const SEGMENT_SECONDS = 2
/** Longest time until a run has brought them, in ms. */
const RUN_MS = 10_000 + RUN_SEGMENTS * SEGMENT_SECONDS * 1000
const HARMLESS = ['non-fatal mediaError bufferStalledError', 'non-fatal mediaError bufferSeekOverHole']
const FAST = 2

/** One way in which an encoder pushes, life after life. */
interface Kind {
  readonly name: string
  /** What players open. */
  readonly playlist: string
  readonly media: readonly string[]
  /** ffmpeg's options for one life. */
  options(base: string, folder: string): readonly string[]
  /** What is uploaded before each life. */
  prepare?(base: string, folder: string): Promise<void>
}

const LIST = 'stream1.m3u8'
const one = { playlist: LIST, media: [LIST] }

const MPEG_TS: Kind = {
  ...one,
  name: 'MPEG-TS',
  options: (base) => ['-hls_list_size', '3', '-hls_segment_filename', `${base}/stream1%09d.ts`, `${base}/${LIST}`],
}

const FRAGMENTED: Kind = {
  ...one,
  name: 'fMP4',
  options: (base) => [
    ...['-hls_list_size', '0', '-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'stream1_init.mp4'],
    ...['-hls_segment_filename', `${base}/stream1%09d.m4s`, `${base}/${LIST}`],
  ],
}

/** The key is sent anew, under the same name, before each life. */
const ENCRYPTED: Kind = {
  ...one,
  name: 'AES-128',
  options: (base, folder) => [
    ...['-hls_list_size', '3', '-hls_key_info_file', join(folder, 'key-info.txt')],
    ...['-hls_segment_filename', `${base}/stream1%09d.ts`, `${base}/${LIST}`],
  ],
  async prepare(base, folder) {
    const key = randomBytes(16)
    writeFileSync(join(folder, 'stream1.key'), key)
    writeFileSync(join(folder, 'key-info.txt'), `stream1.key\n${join(folder, 'stream1.key')}\n`)
    const answer = await fetch(`${base}/stream1.key`, { method: 'PUT', body: key })
    expect(answer.ok).toBe(true)
  },
}

const TWO_RENDITIONS: Kind = {
  name: 'two renditions',
  playlist: 'master.m3u8',
  media: ['v0/stream1.m3u8', 'v1/stream1.m3u8'],
  options: (base) => [
    ...['-map', '0:v', '-map', '1:a', '-map', '0:v', '-map', '1:a', '-s:v:1', '96x54', '-b:v:1', '50k'],
    ...['-hls_list_size', '3', '-var_stream_map', 'v:0,a:0 v:1,a:1', '-master_pl_name', 'master.m3u8'],
    ...['-hls_segment_filename', `${base}/v%v/stream1%09d.ts`, `${base}/v%v/stream1.m3u8`],
  ],
}

const players = usePlayers()

test.concurrent.each([MPEG_TS, FRAGMENTED, ENCRYPTED, TWO_RENDITIONS])(
  'P3, P5: $name is kept over kill -9 of the encoder, restarts with and without append_list, and of the receiver',
  (kind) => withFolder((folder) => surviveRestarts(kind, folder)),
)

async function surviveRestarts(kind: Kind, folder: string): Promise<void> {
  let receiver = await startReceiver()
  const settings = { DATA_DIR: receiver.dataDir, PORT: String(receiver.port) }
  try {
    let before = await live(kind, receiver, folder, { tone: 400, isAppended: false })
    before = await live(kind, receiver, folder, { tone: 500, isAppended: false, before })
    await receiver.stop({ keepData: true })
    receiver = await startReceiver(settings)
    const whole = await live(kind, receiver, folder, { tone: 600, isAppended: true, before })
    for (const recording of whole) {
      expect(recording.joints).toBe(2)
      expect(recording.seconds).toBeGreaterThanOrEqual(3 * RUN_SEGMENTS * SEGMENT_SECONDS)
    }
    await playRecording(kind, receiver, whole)
  } finally {
    await receiver.stop()
  }
}

/** The recording of a media playlist: the hash of all that it names, entry by entry. */
interface Recorded {
  readonly name: string
  readonly hashes: readonly string[]
  readonly joints: number
  readonly seconds: number
}

/** One life of the encoder, which is killed; then everything that was there before must be there still. */
async function live(
  kind: Kind,
  receiver: TestReceiver,
  folder: string,
  life: { readonly tone: number; readonly isAppended: boolean; readonly before?: readonly Recorded[] },
): Promise<Recorded[]> {
  const tee = await startWireTee(receiver.port)
  const base = `http://127.0.0.1:${tee.port}/live/hls-upload`
  await kind.prepare?.(base, folder)
  const flags = ['program_date_time', ...(life.isAppended ? ['append_list'] : [])].join('+')
  const muxer = ['-f', 'hls', '-method', 'PUT', '-hls_time', String(SEGMENT_SECONDS), '-start_number', '1']
  const args = [
    ...pictureArgs(ENDLESS_SECONDS, life.tone),
    ...muxer,
    '-hls_flags',
    flags,
    ...kind.options(base, folder),
  ]
  const encoder = start('ffmpeg', args)
  const lengths = new Map((life.before ?? []).map(({ name, hashes }) => [name, hashes.length]))
  try {
    for (const name of kind.media) {
      const hasAll = async () => {
        const text = await textOf(`${receiver.url}/live/streams/${name}?playlist=vod`)
        const count = text === undefined ? 0 : readServed(text).entries.length
        return count >= (lengths.get(name) ?? 0) + RUN_SEGMENTS ? true : undefined
      }
      await until(`${RUN_SEGMENTS} more segments in ${name}`, hasAll, RUN_MS)
    }
  } finally {
    encoder.child.kill('SIGKILL')
    await encoder.finished
    await tee.stop()
  }
  for (const name of kind.media) await expectOwnWords(receiver, name, tee)
  const after = await Promise.all(kind.media.map((name) => record(receiver, name)))
  for (const { name, hashes } of life.before ?? []) {
    const now = after.find((other) => other.name === name)
    expect(now?.hashes.slice(0, hashes.length), `what ${name} had before`).toEqual(hashes)
  }
  return after
}

/** What the next life would go on from: the last list that this one sent, byte for byte. */
async function expectOwnWords(receiver: TestReceiver, name: string, { recording }: WireTee): Promise<void> {
  const sent = recording.bodies.filter((body) => body.name === name && body.wholeAt !== undefined)
  const last = Buffer.from(sent.at(-1)?.bytes ?? []).toString()
  expect(await textOf(`${receiver.url}/live/hls-upload/${name}`), `the own words of ${name}`).toBe(last)
}

async function record(receiver: TestReceiver, name: string): Promise<Recorded> {
  const url = `${receiver.url}/live/streams/${name}`
  const { entries } = readServed((await textOf(`${url}?playlist=vod`)) ?? '')
  const hashOf = async (uri: string | undefined) => {
    if (uri === undefined) return '-'
    const answer = await fetch(new URL(uri, url))
    expect(answer.status, uri).toBe(200)
    return sha256(new Uint8Array(await answer.arrayBuffer()))
  }
  const hashes: string[] = []
  for (const { uri, map, keyUri } of entries) {
    hashes.push([await hashOf(uri), await hashOf(map?.uri), await hashOf(keyUri)].join(' '))
  }
  expect(entries.filter(({ isGap }) => isGap)).toEqual([])
  return {
    name,
    hashes,
    joints: entries.filter(({ isDiscontinuity }) => isDiscontinuity).length,
    seconds: entries.reduce((sum, { duration }) => sum + duration, 0),
  }
}

/** ffmpeg decodes the recording of all runs without a word, and hls.js plays it over both joints. */
async function playRecording(kind: Kind, receiver: TestReceiver, whole: readonly Recorded[]): Promise<void> {
  const url = `${receiver.url}/live/streams/${kind.playlist}?playlist=vod`
  const [first] = whole
  // The sound of a run ends some milliseconds after its picture, and overlaps that of the next run. Packets are counted anew at
  // a joint, which ffmpeg warns of, whatever EXT-X-DISCONTINUITY says.
  const decoded = await decode(url, ['-noxerror'], ['-af', 'aresample=async=1'])
  expect(decoded.stderr).toBe('')
  expect(Math.abs(decoded.seconds - (first?.seconds ?? 0))).toBeLessThanOrEqual(SEGMENT_SECONDS)
  const player = await players.open()
  await player.play(url, { rate: FAST, startAt: 0 })
  const { errors, duration, hasEnded } = await player.ends(10_000 + ((first?.seconds ?? 0) / FAST) * 1_500)
  await player.close()
  expect(errors.filter((error) => !HARMLESS.some((harmless) => error.startsWith(harmless)))).toEqual([])
  expect(hasEnded).toBe(true)
  expect(Math.abs(duration - (first?.seconds ?? 0))).toBeLessThanOrEqual(SEGMENT_SECONDS)
}

async function textOf(url: string): Promise<string | undefined> {
  const answer = await fetch(url)
  const text = await answer.text()
  return answer.ok ? text : undefined
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'restarts-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
