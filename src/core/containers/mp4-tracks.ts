import { type Box, fourCc, u32 } from './mp4-boxes.ts'

/** A track as its media initialization section describes it. */
export interface Mp4Track {
  readonly id: number
  /** Units of time in a second; infinite where it is not said. */
  timescale: number
  /** How long a sample plays where a fragment does not say it, in those units. */
  duration: number
  /** `vide`, `soun` and so on; empty where it is not said. */
  handler: string
  /** The body of its `stsd`: how its samples are coded. */
  sampleDescription: DataView | undefined
}

/** The tracks of a media initialization section, by their ids. */
export async function tracksOf(boxes: AsyncIterable<Box>): Promise<ReadonlyMap<number, Mp4Track>> {
  const tracks = new Map<number, Mp4Track>()
  const track = (id: number) => {
    const known = tracks.get(id) ?? newTrack(id)
    tracks.set(id, known)
    return known
  }
  let id = 0
  for await (const { type, body } of boxes) {
    // The times before them take 8 bytes each in version 1, else 4.
    const times = body.byteLength > 0 && body.getUint8(0) === 1 ? 16 : 8
    if (type === 'tkhd') id = u32(body, 4 + times)
    else if (type === 'mdhd') track(id).timescale = u32(body, 4 + times)
    else if (type === 'hdlr') track(id).handler = fourCc(body, 8)
    else if (type === 'stsd') track(id).sampleDescription = body
    else if (type === 'trex') track(u32(body, 4)).duration = u32(body, 12)
  }
  return tracks
}

function newTrack(id: number): Mp4Track {
  return { id, timescale: Number.POSITIVE_INFINITY, duration: 0, handler: '', sampleDescription: undefined }
}
