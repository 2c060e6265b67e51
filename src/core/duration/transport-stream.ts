import type { ByteReader } from '../containers/byte-reader.ts'
import { nextPacket } from '../containers/ts-packets.ts'

/** Where the presentation time stamp of a PES packet ends, in bytes (ISO/IEC 13818-1). */
const PES_PTS_END = 14
/** Time stamps count 90,000 in a second, in 33 bits. */
const TICKS_PER_SECOND = 90_000
const TIMESTAMP_SPAN = 2 ** 33

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
  const tracks = new Map<number, Track>()
  for (;;) {
    const packet = await nextPacket(body)
    if (packet === undefined) break
    if (packet === 'broken') return undefined
    const { pid, payload } = packet
    const timestamp = packet.isStart ? timestampOf(payload) : undefined
    const track = timestamp === undefined ? tracks.get(pid) : stamped(tracks.get(pid), isVideo(payload), timestamp)
    if (track === undefined) continue
    track.bytes += payload.length
    track.lastBytes += payload.length
    tracks.set(pid, track)
  }
  const durations = (wantsVideo: boolean) =>
    [...tracks.values()].filter((track) => track.isVideo === wantsVideo && track.count > 1).map(durationOf)
  const [video, sound] = [durations(true), durations(false)]
  const all = video.length > 0 ? video : sound
  return all.length > 0 ? Math.max(...all) : undefined
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
  // They begin at 0 again after a day.
  const after = timestamp - known.first
  const offset = after - Math.round(after / TIMESTAMP_SPAN) * TIMESTAMP_SPAN
  known.count++
  known.least = Math.min(known.least, offset)
  known.most = Math.max(known.most, offset)
  known.lastBytes = 0
  return known
}

/** The last picture lasts as long as the others do; the last sound as long as its bytes do. */
function durationOf({ isVideo: hasPictures, count, least, most, bytes, lastBytes }: Track): number {
  const more = hasPictures ? count / (count - 1) : bytes / (bytes - lastBytes)
  return ((most - least) * more) / TICKS_PER_SECOND
}
