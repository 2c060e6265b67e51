import type { ByteReader } from '../containers/byte-reader.ts'
import { nextPacket } from '../containers/ts-packets.ts'

/** Where the presentation time stamp of a PES packet ends, in bytes (ISO/IEC 13818-1). */
const PES_PTS_END = 14
/** Time stamps count 90,000 in a second, in 33 bits. */
const TICKS_PER_SECOND = 90_000
const TIMESTAMP_SPAN = 2 ** 33
/** After how long the clock of an MPEG-TS begins at 0 again, in s. */
export const TIMESTAMP_SECONDS = TIMESTAMP_SPAN / TICKS_PER_SECOND

/** From `start` up to `end`, in s on a segment's own clock. */
export interface TimeSpan {
  readonly start: number
  readonly end: number
}

/** What is known of one elementary stream; time stamps in ticks, the first being 0. */
interface Track {
  readonly isVideo: boolean
  readonly first: number
  /** How many time stamps it has. */
  count: number
  least: number
  most: number
  /** Of payload, and of that behind the last time stamp. */
  bytes: number
  lastBytes: number
}

/**
 * How long an MPEG-TS segment plays, in s, by the presentation time stamps of its pictures, or else of its sound; undefined when
 * it has none, or is encrypted.
 */
export async function transportStreamDuration(body: ByteReader): Promise<number | undefined> {
  const tracks = await stampedTracks(body)
  const durations = (wantsVideo: boolean) =>
    tracks.filter((track) => track.isVideo === wantsVideo && track.count > 1).map(durationOf)
  const [video, sound] = [durations(true), durations(false)]
  const all = video.length > 0 ? video : sound
  return all.length > 0 ? Math.max(...all) : undefined
}

/**
 * From when to when an MPEG-TS segment plays on its own clock, in s, pictures and sound together; undefined when that cannot be
 * told. The clock begins at 0 again after TIMESTAMP_SECONDS.
 */
export async function transportStreamSpan(body: ByteReader): Promise<TimeSpan | undefined> {
  const tracks = await stampedTracks(body)
  const [base] = tracks
  if (base === undefined) return undefined
  const spans = tracks.map((track) => {
    const start = base.first + sinceStamp(base.first, track.first) + track.least
    return { start, end: start + (track.count > 1 ? durationOf(track) * TICKS_PER_SECOND : 0) }
  })
  const start = Math.min(...spans.map((span) => span.start)) / TICKS_PER_SECOND
  return { start, end: Math.max(...spans.map((span) => span.end)) / TICKS_PER_SECOND }
}

/** All elementary streams with time stamps; none where the body is no MPEG-TS to its end. */
async function stampedTracks(body: ByteReader): Promise<readonly Track[]> {
  const tracks = new Map<number, Track>()
  for (;;) {
    const packet = await nextPacket(body)
    if (packet === undefined) break
    if (packet === 'broken') return []
    const { pid, payload } = packet
    const timestamp = packet.isStart ? timestampOf(payload) : undefined
    const track = timestamp === undefined ? tracks.get(pid) : stamped(tracks.get(pid), isVideo(payload), timestamp)
    if (track === undefined) continue
    track.bytes += payload.length
    track.lastBytes += payload.length
    tracks.set(pid, track)
  }
  return [...tracks.values()]
}

function isVideo([, , , streamId = 0]: Uint8Array): boolean {
  return streamId >= 0xe0 && streamId <= 0xef
}

/** The presentation time stamp, which a packet of sound or pictures has where its header says so. */
function timestampOf(pes: Uint8Array): number | undefined {
  if (pes.length < PES_PTS_END || pes[0] !== 0 || pes[1] !== 0 || pes[2] !== 1) return undefined
  const [, , , streamId = 0, , , marker = 0, flags = 0, , a = 0, b = 0, c = 0, d = 0, e = 0] = pes
  const isMedia = (streamId >= 0xc0 && streamId <= 0xef) || streamId === 0xbd || streamId === 0xfd
  if (!isMedia || (marker & 0xc0) !== 0x80 || (flags & 0x80) === 0) return undefined
  return ((a >> 1) & 7) * 2 ** 30 + (b << 22) + ((c >> 1) << 15) + (d << 7) + (e >> 1)
}

/** A stream with one more time stamp. */
function stamped(track: Track | undefined, isVideoTrack: boolean, timestamp: number): Track {
  const known = track ?? {
    isVideo: isVideoTrack,
    first: timestamp,
    count: 0,
    least: 0,
    most: 0,
    bytes: 0,
    lastBytes: 0,
  }
  const offset = sinceStamp(known.first, timestamp)
  known.count++
  known.least = Math.min(known.least, offset)
  known.most = Math.max(known.most, offset)
  known.lastBytes = 0
  return known
}

/** How far a time stamp is behind another, in ticks: they begin at 0 again after a day. */
function sinceStamp(first: number, timestamp: number): number {
  const after = timestamp - first
  return after - Math.round(after / TIMESTAMP_SPAN) * TIMESTAMP_SPAN
}

/** The last picture lasts as long as the others do; the last sound as long as its bytes do. */
function durationOf({ isVideo: hasPictures, count, least, most, bytes, lastBytes }: Track): number {
  const more = hasPictures ? count / (count - 1) : bytes / (bytes - lastBytes)
  return ((most - least) * more) / TICKS_PER_SECOND
}
