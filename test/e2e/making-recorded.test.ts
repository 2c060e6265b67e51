import { beforeAll, expect, test } from 'vitest'
import type { ReadInput } from '../../src/core/making/order.ts'
import { startReceiver, type TestReceiver } from '../../src/testing/index.ts'
import { amsOutput, decode, pictureArgs, requireProgram, run } from '../support/ffmpeg.ts'
import { inputParts } from '../support/input-parts.ts'
import { until } from '../support/until.ts'
import { make, openWorkshop, pathOf, probe } from './support/making.ts'

const SECONDS = 4
const SEGMENT_SECONDS = 2

beforeAll(() => {
  requireProgram('ffmpeg', 'ffmpeg')
  requireProgram('ffprobe', 'ffmpeg')
})

function readOver({ url }: TestReceiver): ReadInput {
  return async function* (app, stored, range) {
    const path = stored.split('/').map(encodeURIComponent).join('/')
    const headers: Record<string, string> =
      range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` }
    const answer = await fetch(`${url}/${app}/streams/${path}`, { headers })
    expect(answer.ok).toBe(true)
    yield new Uint8Array(await answer.arrayBuffer())
  }
}

const OUTPUTS = [
  { name: 'MPEG-TS', more: () => [] },
  {
    name: 'fragmented MP4',
    more: (base: string) => [
      ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'cam_init.mp4'],
      ...['-hls_segment_filename', `${base}/cam%09d.m4s`],
    ],
  },
]

test.concurrent.each(OUTPUTS)(
  'an mp4 of what a receiver recorded of two runs under the same names, in a folder: $name',
  async ({ more }) => {
    const receiver = await startReceiver()
    const workshop = openWorkshop({ read: () => readOver(receiver) })
    try {
      const base = `${receiver.url}/live/hls-upload/a%20b`
      for (const seed of [440, 660]) {
        const pushed = await run('ffmpeg', [...pictureArgs(SECONDS, seed), ...amsOutput(base, 'cam', more(base))])
        expect(pushed.code).toBe(0)
      }
      const text = await until('both runs in the recording', async () => {
        const answer = await fetch(`${receiver.url}/live/streams/a%20b/cam.m3u8?playlist=vod`)
        const vod = answer.ok ? await answer.text() : ''
        return vod.includes('#EXT-X-DISCONTINUITY') && (vod.match(/#EXTINF/g) ?? []).length >= 4 ? vod : undefined
      })
      const parts = inputParts('a b/cam.m3u8', new TextEncoder().encode(text))
      expect(parts.length).toBe(2)
      const path = pathOf(await make(workshop, 'mp4', parts))
      const { format } = await probe(path)
      expect(Math.abs(Number(format.duration) - 2 * SECONDS)).toBeLessThan(SEGMENT_SECONDS)
      const played = await decode(path)
      expect(played.stderr).toBe('')
      expect(Math.abs(played.seconds - 2 * SECONDS)).toBeLessThan(SEGMENT_SECONDS)
    } finally {
      workshop.close()
      await receiver.stop()
    }
  },
)
