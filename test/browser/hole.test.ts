import { expect, test } from 'vitest'
import { startReceiver } from '../../src/testing/index.ts'
import { HandEncoder } from '../e2e/support/hand-encoder.ts'
import { CUT_SECONDS, cutStream } from '../support/cut-stream.ts'
import { until } from '../support/until.ts'
import { type Player, type Playing, usePlayers } from './players.ts'

const SEGMENTS = 12
const SECONDS = SEGMENTS * CUT_SECONDS
/** The segment that does not come with its list, and the newest entry when it is looked for. */
const WITHHELD = 5
const NEWEST = 7
const FAST = 2
/** How far a time may be off, in seconds: a frame of the sound, and the shift of its first. */
const TOLERANCE_SECONDS = 0.1
/** How soon a segment that came late is in the recording, in ms. */
const MEND_MS = 5_000
/** What hls.js tells when it comes to a hole, and when a busy machine is late. */
const STALLED = 'non-fatal mediaError bufferStalledError'
const HOLE = [STALLED, 'non-fatal mediaError fragGap', 'non-fatal mediaError bufferSeekOverHole']

const players = usePlayers()

test.concurrent.each(['MPEG-TS', 'fMP4'] as const)(
  'P5: hls.js plays a recording in %s over its hole to the end, and whole when the late segment has come',
  async (format) => {
    const stream = await cutStream(format, SEGMENTS)
    const receiver = await startReceiver()
    const encoder = new HandEncoder(receiver, stream)
    try {
      const player = await players.open()
      await encoder.begin()
      await encoder.push(0, NEWEST, WITHHELD)
      const hasHole = async (isLive: boolean) =>
        (await (isLive ? encoder.live() : encoder.vod())).entries.some(({ isGap }) => isGap)
      await until('a hole', async () => (await hasHole(true)) || undefined)
      await encoder.push(NEWEST + 1, SEGMENTS - 1)
      const [begin, end] = [WITHHELD * CUT_SECONDS, (WITHHELD + 1) * CUT_SECONDS]
      const over = await playToEnd(player, encoder.vodUrl, HOLE)
      expect(over.errors.filter((error) => error.includes('fragGap'))).toHaveLength(1)
      expectBuffered(over, [0, begin], [end, SECONDS])
      await encoder.segment(WITHHELD)
      await until('no hole', async () => !(await hasHole(false)) || undefined, MEND_MS)
      expectBuffered(await playToEnd(player, encoder.vodUrl, [STALLED]), [0, SECONDS])
      await player.close()
    } finally {
      await receiver.stop()
      stream.remove()
    }
  },
)

/** Plays a recording from its start to its end, where nothing is told but what begins like one of these. */
async function playToEnd(player: Player, url: string, mayTell: readonly string[]): Promise<Playing> {
  await player.play(url, { startAt: 0, rate: FAST })
  const played = await player.ends()
  expect(played.errors.filter((error) => !mayTell.some((told) => error.startsWith(told)))).toEqual([])
  expect(played.hasEnded).toBe(true)
  expect(Math.abs(played.duration - SECONDS)).toBeLessThan(TOLERANCE_SECONDS)
  return played
}

/** These parts, and no others, were there to be played. */
function expectBuffered({ buffered }: Playing, ...parts: readonly (readonly [number, number])[]): void {
  const round = (seconds: number) => Math.round(seconds / TOLERANCE_SECONDS) * TOLERANCE_SECONDS
  expect(buffered.map(({ start, end }) => [round(start), round(end)])).toEqual(
    parts.map(([start, end]) => [round(start), round(end)]),
  )
}
