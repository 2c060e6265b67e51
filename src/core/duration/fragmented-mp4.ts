import type { ByteReader } from '../containers/byte-reader.ts'
import { boxesOf, u8, u32 } from '../containers/mp4-boxes.ts'
import { defaultDuration, samplesOf } from '../containers/mp4-samples.ts'
import { tracksOf } from '../containers/mp4-tracks.ts'
import type { TimeSpan } from './transport-stream.ts'

/**
 * How long a segment of fragmented MP4 plays, in s: the longest of its tracks, by the durations of their samples; `init` is its
 * media initialization section. Undefined when that cannot be told.
 */
export async function fragmentedMp4Duration(init: ByteReader, segment: ByteReader): Promise<number | undefined> {
  const longest = Math.max(0, ...(await playedTracks(init, segment)).map(({ seconds }) => seconds))
  return longest > 0 ? longest : undefined
}

/**
 * From when to when such a segment plays on its own clock, in s, by the times at which its tracks are decoded, all together;
 * undefined when that cannot be told.
 */
export async function fragmentedMp4Span(init: ByteReader, segment: ByteReader): Promise<TimeSpan | undefined> {
  const tracks = await playedTracks(init, segment)
  const start = Math.min(...tracks.map((track) => track.start ?? Number.NaN))
  const end = Math.max(...tracks.map((track) => (track.start ?? Number.NaN) + track.seconds))
  return Number.isFinite(start) && Number.isFinite(end) ? { start, end } : undefined
}

/** How long each track of a segment plays, and from when on where that is said, in s. */
async function playedTracks(
  init: ByteReader,
  segment: ByteReader,
): Promise<readonly { readonly start: number | undefined; readonly seconds: number }[]> {
  const tracks = await tracksOf(boxesOf(init, 'moov'))
  const played = new Map<number, number>()
  const starts = new Map<number, number>()
  let track = 0
  let byDefault = 0
  for await (const { type, body } of boxesOf(segment, 'moof')) {
    if (type === 'tfhd') {
      track = u32(body, 4)
      byDefault = defaultDuration(body) ?? tracks.get(track)?.duration ?? 0
    } else if (type === 'tfdt' && !starts.has(track)) starts.set(track, decodeTime(body))
    else if (type === 'trun') played.set(track, (played.get(track) ?? 0) + samplesOf(body, byDefault).units)
  }
  return [...played].map(([id, units]) => {
    const timescale = tracks.get(id)?.timescale ?? Number.POSITIVE_INFINITY
    const start = starts.get(id)
    return { start: start === undefined ? undefined : start / timescale, seconds: units / timescale }
  })
}

/** The time of a `tfdt`, in units of its track's time: in version 1 of 64 bits. */
function decodeTime(tfdt: DataView): number {
  return u8(tfdt, 0) === 1 ? u32(tfdt, 4) * 2 ** 32 + u32(tfdt, 8) : u32(tfdt, 4)
}
