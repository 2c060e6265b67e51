import type { ByteReader } from '../containers/byte-reader.ts'
import { boxesOf, u32 } from '../containers/mp4-boxes.ts'
import { defaultDuration, samplesOf } from '../containers/mp4-samples.ts'
import { type Mp4Track, tracksOf } from '../containers/mp4-tracks.ts'
import { MAX_ELEMENTARY_STREAMS } from '../limits.ts'
import { sampleEntries } from './sample-entries.ts'
import { type ElementInfo, type StreamInfo, streamInfo } from './stream-info.ts'

/** Kinds of tracks that no codec is named for. */
const DATA = new Set(['meta', 'hint'])
/** Of pictures whose durations are rounded, none lasts longer by more than this, in units of the track's time. */
const ROUNDING = 1

/** What a media initialization section tells, and the first fragment behind it: how many pictures it has in a second. */
export async function fragmentedMp4Info(init: ByteReader, segment: ByteReader): Promise<StreamInfo> {
  const tracks = [...(await tracksOf(boxesOf(init, 'moov'))).values()]
    .filter(({ sampleDescription, handler }) => sampleDescription !== undefined && !DATA.has(handler))
    .slice(0, MAX_ELEMENTARY_STREAMS)
  const pictures = tracks.find(isVideo)
  const frameRate = pictures === undefined ? undefined : await firstFrameRate(pictures, segment)
  return streamInfo(tracks.flatMap((track) => elementsOf(track, track === pictures ? frameRate : undefined)))
}

function isVideo({ handler }: Mp4Track): boolean {
  return handler === 'vide'
}

function elementsOf(track: Mp4Track, frameRate: number | undefined): ElementInfo[] {
  if (track.sampleDescription === undefined) return []
  const elements = sampleEntries(track.sampleDescription, isVideo(track))
  return elements.map((element) => (frameRate === undefined ? element : { ...element, frameRate }))
}

/** Pictures in a second of the first fragment; undefined where they do not all last as long. */
async function firstFrameRate({ id, timescale, duration }: Mp4Track, segment: ByteReader): Promise<number | undefined> {
  let isOwn = false
  let byDefault = duration
  for await (const { type, body } of boxesOf(segment, 'moof')) {
    if (type === 'tfhd') {
      isOwn = u32(body, 4) === id
      byDefault = defaultDuration(body) ?? duration
    } else if (type === 'trun' && isOwn) {
      const { count, units, least, most } = samplesOf(body, byDefault)
      return units > 0 && most - least <= ROUNDING && Number.isFinite(timescale)
        ? (count * timescale) / units
        : undefined
    }
  }
  return undefined
}
