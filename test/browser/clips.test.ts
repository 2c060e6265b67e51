import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { readServed } from '../../src/testing/served-playlist.ts'
import { amsOutput, decode, FRAME_RATE, pictureArgs, run } from '../support/ffmpeg.ts'
import { until } from '../support/until.ts'
import { usePlayers } from './players.ts'

const SEGMENT_SECONDS = 2
const RUN_SECONDS = 10
/** What hls.js may show less of than there is, in s: its first and last pictures are not always those of the segments. */
const PLAYER_SLACK_SECONDS = 0.5
const players = usePlayers()
let receiver: TestReceiver

beforeAll(async () => {
  receiver = await startReceiver()
})

afterAll(() => receiver?.stop())

/** Pushes two runs in real time, the second after the first has ended, and gives the whole recording. */
async function pushTwice(stream: string, more: readonly string[]): Promise<string> {
  const recording = `${receiver.url}/live/streams/${stream}.m3u8?playlist=vod`
  for (const [index, seed] of [440, 880].entries()) {
    const output = amsOutput(`${receiver.url}/live/hls-upload`, stream, more)
    expect((await run('ffmpeg', [...pictureArgs(RUN_SECONDS, seed), ...output])).code).toBe(0)
    const entries = ((index + 1) * RUN_SECONDS) / SEGMENT_SECONDS
    await until('the run in the recording', async () => {
      const answer = await fetch(recording)
      // The ends of the clip are reckoned from the dates: each entry must have its own.
      return answer.ok && datesOf(await answer.text()).length >= entries ? true : undefined
    })
  }
  return (await fetch(recording)).text()
}

/** When the entries of a recording begin, in ms since the epoch. */
function datesOf(text: string): number[] {
  return [...text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(.*)/g)].map(([, date = '']) => Date.parse(date))
}

const FMP4 = (stream: string) => [
  ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', `${stream}_init.mp4`],
  ...['-hls_segment_filename', `${receiver.url}/live/hls-upload/${stream}%09d.m4s`],
]

/** ffmpeg 5.1 passes over a fragment whose time is before that of the last: the first one behind a joint, of any playlist. */
const PASSED_OVER = SEGMENT_SECONDS * FRAME_RATE

describe.each([
  ['MPEG-TS', (): string[] => [], 0],
  ['fMP4', FMP4, PASSED_OVER],
])('P5: a clip of %s over a restart of the encoder', (kind, more, passedOver) => {
  test('plays in ffmpeg and hls.js, and is right within one segment at each end', async () => {
    const stream = `clip${kind.replace('-', '')}`
    const recording = await pushTwice(stream, more(stream))
    const dates = datesOf(recording)
    const first = dates[0] ?? Number.NaN
    const last = (dates.at(-1) ?? Number.NaN) + SEGMENT_SECONDS * 1_000
    // In the middle of a segment at each end, in either form of a moment.
    const [start, end] = [first + 3_000, last - 3_000]
    const query = `start=${(start / 1_000).toFixed(3)}&end=${new Date(end).toISOString()}`
    const url = `${receiver.url}/live/streams/${stream}.m3u8?${query}`
    const clip = await (await fetch(url)).text()
    const { entries } = readServed(clip)
    const seconds = entries.reduce((sum, { duration }) => sum + duration, 0)
    const recorded = 2 * RUN_SECONDS
    expect(seconds, `${query} of\n${recording}is\n${clip}`).toBeCloseTo(recorded - 2 * SEGMENT_SECONDS, 1)
    expect(entries.filter(({ isDiscontinuity }) => isDiscontinuity)).toHaveLength(1)
    // Packets and times are counted anew at a joint, which ffmpeg warns of, whatever EXT-X-DISCONTINUITY says.
    const decoded = await decode(url, ['-noxerror'], ['-fps_mode', 'passthrough', '-af', 'aresample=async=1'])
    expect([decoded.stderr, decoded.frames]).toEqual(['', Math.round(seconds * FRAME_RATE) - passedOver])
    expect(Math.abs(decoded.seconds - seconds)).toBeLessThanOrEqual(SEGMENT_SECONDS)
    const player = await players.open()
    await player.play(url, { rate: 2 })
    const seen = await player.ends()
    expect(seen).toMatchObject({ hasEnded: true, errors: [] })
    expect(Math.abs(seen.duration - seconds)).toBeLessThan(PLAYER_SLACK_SECONDS)
    await player.close()
  })
})
