import type { ByteReader } from '../containers/byte-reader.ts'
import { boxesOf, u32 } from '../containers/mp4-boxes.ts'
import { defaultDuration, samplesOf } from '../containers/mp4-samples.ts'
import { tracksOf } from '../containers/mp4-tracks.ts'

/**
 * How long a segment of fragmented MP4 plays, in s: the longest of its tracks, by the durations of their samples; `init` is its
 * media initialization section. Undefined when that cannot be told.
 */
export async function fragmentedMp4Duration(init: ByteReader, segment: ByteReader): Promise<number | undefined> {
  const tracks = await tracksOf(boxesOf(init, 'moov'))
  const played = new Map<number, number>()
  let track = 0
  let byDefault = 0
  for await (const { type, body } of boxesOf(segment, 'moof')) {
    if (type === 'tfhd') {
      track = u32(body, 4)
      byDefault = defaultDuration(body) ?? tracks.get(track)?.duration ?? 0
    } else if (type === 'trun') played.set(track, (played.get(track) ?? 0) + samplesOf(body, byDefault).units)
  }
  const durations = [...played].map(([id, units]) => units / (tracks.get(id)?.timescale ?? Number.POSITIVE_INFINITY))
  const longest = Math.max(0, ...durations)
  return longest > 0 ? longest : undefined
}
