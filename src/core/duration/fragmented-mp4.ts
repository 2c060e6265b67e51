import { MAX_BOX_BYTES, MAX_BOX_DEPTH } from '../limits.ts'
import type { ByteReader } from './byte-reader.ts'

/** Flags of ISO/IEC 14496-12: which fields a box has. */
const TFHD_FIELDS = [
  [0x1, 8],
  [0x2, 4],
] as const
const TFHD_DEFAULT_DURATION = 0x8
const TRUN_FIELDS = [
  [0x1, 4],
  [0x4, 4],
] as const
const SAMPLE_DURATION = 0x100
const SAMPLE_FIELDS = [SAMPLE_DURATION, 0x200, 0x400, 0x800]
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'mvex', 'moof', 'traf'])

/** A track as its media initialization section describes it. */
interface Track {
  /** Units of time in a second. */
  timescale: number
  /** Of a sample, where a fragment does not say it, in those units. */
  duration: number
}

interface Box {
  readonly type: string
  readonly body: DataView
}

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
    } else if (type === 'trun') played.set(track, (played.get(track) ?? 0) + samplesDuration(body, byDefault))
  }
  const durations = [...played].map(([id, units]) => units / (tracks.get(id)?.timescale ?? Number.POSITIVE_INFINITY))
  const longest = Math.max(0, ...durations)
  return longest > 0 ? longest : undefined
}

/** The boxes below those of type `outer`, in order and one of these at a time; what stands beside them is passed over. */
async function* boxesOf(reader: ByteReader, outer: string): AsyncGenerator<Box> {
  for (;;) {
    const header = await reader.read(8)
    if (header === undefined) return
    const { type, size, headerBytes } = headOf(viewOf(header), await largeSize(reader, header))
    if (size < headerBytes) return
    const bodyBytes = size - headerBytes
    if (type === outer && bodyBytes <= MAX_BOX_BYTES) {
      const body = await reader.read(bodyBytes)
      if (body === undefined) return
      yield* boxesIn(viewOf(body), 1)
    } else if (!(await reader.skip(bodyBytes))) return
  }
}

/** A size of 1 means that the size follows, in 64 bits. */
async function largeSize(reader: ByteReader, header: Uint8Array): Promise<number | undefined> {
  if (u32(viewOf(header), 0) !== 1) return undefined
  const size = await reader.read(8)
  return size === undefined ? 0 : Number(viewOf(size).getBigUint64(0))
}

function headOf(header: DataView, large: number | undefined): { type: string; size: number; headerBytes: number } {
  const type = String.fromCharCode(...[4, 5, 6, 7].map((at) => header.getUint8(at)))
  return { type, size: large ?? u32(header, 0), headerBytes: large === undefined ? 8 : 16 }
}

/** Containers that lie deeper than these do are taken for boxes without others. */
function boxesIn(view: DataView, depth: number): Box[] {
  const found: Box[] = []
  let at = 0
  while (at + 8 <= view.byteLength) {
    const { type, size } = headOf(part(view, at, at + 8), undefined)
    if (size < 8 || at + size > view.byteLength) return found
    const body = part(view, at + 8, at + size)
    found.push(...(CONTAINERS.has(type) && depth < MAX_BOX_DEPTH ? boxesIn(body, depth + 1) : [{ type, body }]))
    at += size
  }
  return found
}

async function tracksOf(boxes: AsyncIterable<Box>): Promise<Map<number, Track>> {
  const tracks = new Map<number, Track>()
  const track = (id: number) => {
    const known = tracks.get(id) ?? { timescale: Number.POSITIVE_INFINITY, duration: 0 }
    tracks.set(id, known)
    return known
  }
  let id = 0
  for await (const { type, body } of boxes) {
    // The times before them take 8 bytes each in version 1, else 4.
    const times = body.byteLength > 0 && body.getUint8(0) === 1 ? 16 : 8
    if (type === 'tkhd') id = u32(body, 4 + times)
    else if (type === 'mdhd') track(id).timescale = u32(body, 4 + times)
    else if (type === 'trex') track(u32(body, 4)).duration = u32(body, 12)
  }
  return tracks
}

function defaultDuration(tfhd: DataView): number | undefined {
  const flags = u32(tfhd, 0)
  if ((flags & TFHD_DEFAULT_DURATION) === 0) return undefined
  return u32(tfhd, 8 + bytesOf(flags, TFHD_FIELDS))
}

function samplesDuration(trun: DataView, byDefault: number): number {
  const flags = u32(trun, 0)
  const count = u32(trun, 4)
  if ((flags & SAMPLE_DURATION) === 0) return count * byDefault
  const sampleBytes = 4 * SAMPLE_FIELDS.filter((field) => (flags & field) !== 0).length
  let at = 8 + bytesOf(flags, TRUN_FIELDS)
  let sum = 0
  for (let sample = 0; sample < count && at + 4 <= trun.byteLength; sample++) {
    sum += u32(trun, at)
    at += sampleBytes
  }
  return sum
}

function bytesOf(flags: number, fields: readonly (readonly [flag: number, bytes: number])[]): number {
  return fields.reduce((sum, [flag, bytes]) => sum + ((flags & flag) === 0 ? 0 : bytes), 0)
}

/** What a box does not have counts as 0. */
function u32(view: DataView, at: number): number {
  return at + 4 <= view.byteLength ? view.getUint32(at) : 0
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function part(view: DataView, start: number, end: number): DataView {
  return new DataView(view.buffer, view.byteOffset + start, end - start)
}
