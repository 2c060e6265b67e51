import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedPlaylist, startReceiver } from '../../src/testing/index.ts'
import { CUT_SECONDS, type CutFormat, type CutStream, cutStream } from '../support/cut-stream.ts'
import { decode, FRAME_RATE, requireProgram } from '../support/ffmpeg.ts'
import { until } from '../support/until.ts'
import { HandEncoder } from './support/hand-encoder.ts'
import { type PlayedPackets, playedPackets } from './support/played-packets.ts'

const SEGMENTS = 12
const LAST = SEGMENTS - 1
/** The segment that does not come with its list, and the newest entry when it is looked for. */
const WITHHELD = 5
const NEWEST = 7
/** How far off what is decoded may end, in seconds: a frame of the sound, and the shift of its first. */
const TOLERANCE_SECONDS = 0.1
/** How soon a segment that came late is served, in ms. */
const MEND_MS = 5_000

/** What the encoder does between the hole and the segment that fills it. */
const WHEN: readonly [string, (encoder: HandEncoder) => Promise<void>][] = [
  ['while it is in the live list', async () => undefined],
  ['after it has left the live list', (encoder) => encoder.push(NEWEST + 1, LAST - 1)],
  ['after the stream has ended', (encoder) => encoder.push(NEWEST + 1, LAST)],
]

const streams = new Map<CutFormat, CutStream>()

beforeAll(async () => {
  requireProgram('ffmpeg', 'ffmpeg')
  for (const format of ['MPEG-TS', 'fMP4'] as const) streams.set(format, await cutStream(format, SEGMENTS))
})

afterAll(() => {
  for (const stream of streams.values()) stream.remove()
})

describe.concurrent.each(['MPEG-TS', 'fMP4'] as const)('P5: in %s', (format) => {
  test.each(WHEN)('a hole is EXT-X-GAP, played over, and whole when its segment comes %s', async (_when, goOn) => {
    const stream = streams.get(format) as CutStream
    const receiver = await startReceiver()
    const encoder = new HandEncoder(receiver, stream)
    try {
      await encoder.begin()
      await encoder.push(0, NEWEST, WITHHELD)
      const live = await until('a hole', async () => {
        const list = await encoder.live()
        return isWhole(list) ? undefined : list
      })
      expect(holesOf(live)).toEqual([WITHHELD])
      await goOn(encoder)
      await expectHole(encoder, stream)
      await encoder.segment(WITHHELD)
      await until('no hole, in the recording', async () => isWhole(await encoder.vod()) || undefined, MEND_MS)
      await until('no hole, live', async () => isWhole(await encoder.live()) || undefined, MEND_MS)
      await encoder.push((await encoder.vod()).entries.length, LAST)
      await expectWhole(encoder, stream)
    } finally {
      await receiver.stop()
    }
  })
})

/** Numbers of the entries that are holes. */
function holesOf({ entries }: ServedPlaylist): number[] {
  return entries.filter(({ isGap }) => isGap).map(({ number }) => number)
}

function isWhole(list: ServedPlaylist): boolean {
  return holesOf(list).length === 0
}

/** The recording has its one hole, and ffmpeg plays all else, as it does from a disk that lacks the file. */
async function expectHole(encoder: HandEncoder, stream: CutStream): Promise<void> {
  const vod = await encoder.vod()
  const count = vod.entries.length
  expect(holesOf(vod)).toEqual([WITHHELD])
  await expectEntries(encoder, stream, vod)
  // Packets of MPEG-TS are counted: where some lack, ffmpeg warns, which would be an error that ends it.
  const decoded = await decode(encoder.vodUrl, ['-noxerror'])
  expect([decoded.code, decoded.stderr]).toEqual([0, ''])
  expect(decoded.frames).toBe((count - 1) * CUT_SECONDS * FRAME_RATE)
  expect(Math.abs(decoded.seconds - count * CUT_SECONDS)).toBeLessThan(TOLERANCE_SECONDS)
  expect((await playedPackets(encoder.vodUrl)).packets).toEqual((await lacking(stream, count)).packets)
}

/** The recording is what the encoder made, packet by packet. */
async function expectWhole(encoder: HandEncoder, stream: CutStream): Promise<void> {
  const vod = await encoder.vod()
  expect([vod.entries.length, holesOf(vod)]).toEqual([SEGMENTS, []])
  await expectEntries(encoder, stream, vod)
  const decoded = await decode(encoder.vodUrl)
  expect([decoded.code, decoded.stderr]).toEqual([0, ''])
  expect(decoded.frames).toBe(SEGMENTS * CUT_SECONDS * FRAME_RATE)
  const played = await playedPackets(encoder.vodUrl)
  expect(played.duration).toBe(vod.entries.reduce((sum, { duration }) => sum + duration, 0))
  expect(played.packets).toEqual((await playedPackets(stream.list)).packets)
}

/** Every entry stands there once, in order, and is what was sent; a hole is nothing. */
async function expectEntries(encoder: HandEncoder, stream: CutStream, { entries }: ServedPlaylist): Promise<void> {
  expect(entries.map(({ uri }) => uri)).toEqual(stream.segments.slice(0, entries.length))
  expect(entries.every(({ duration, isDiscontinuity }) => duration === CUT_SECONDS && !isDiscontinuity)).toBe(true)
  for (const { uri, isGap, map } of entries) {
    expect(await encoder.fetched(uri), uri).toEqual(isGap ? undefined : stream.bytes(uri))
    expect(map?.uri).toBe(stream.init)
  }
}

/** What ffmpeg reads of the first `count` segments when the withheld one is not on the disk. */
async function lacking(stream: CutStream, count: number): Promise<PlayedPackets> {
  const folder = mkdtempSync(join(tmpdir(), 'lacking-'))
  const there = stream.segments.slice(0, count).filter((_name, index) => index !== WITHHELD)
  try {
    for (const name of [...there, ...(stream.init === undefined ? [] : [stream.init])]) {
      copyFileSync(join(stream.folder, name), join(folder, name))
    }
    copyFileSync(stream.list, join(folder, 'list.m3u8'))
    return await playedPackets(join(folder, 'list.m3u8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
