import { u32 } from './mp4-boxes.ts'

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

/** The samples of a `trun`, in units of their track's time. */
export interface Samples {
  readonly count: number
  /** How long they play together. */
  readonly units: number
  /** How long the shortest and the longest of them play. */
  readonly least: number
  readonly most: number
}

/** The duration of a sample that a `tfhd` gives, in units of its track's time; undefined when it leaves it to the `trex`. */
export function defaultDuration(tfhd: DataView): number | undefined {
  const flags = u32(tfhd, 0)
  if ((flags & TFHD_DEFAULT_DURATION) === 0) return undefined
  return u32(tfhd, 8 + bytesOf(flags, TFHD_FIELDS))
}

/** What a `trun` says of its samples; `byDefault` is how long each plays where it does not say it. */
export function samplesOf(trun: DataView, byDefault: number): Samples {
  const flags = u32(trun, 0)
  const count = u32(trun, 4)
  if ((flags & SAMPLE_DURATION) === 0) return { count, units: count * byDefault, least: byDefault, most: byDefault }
  const sampleBytes = 4 * SAMPLE_FIELDS.filter((field) => (flags & field) !== 0).length
  let at = 8 + bytesOf(flags, TRUN_FIELDS)
  let [units, least, most, read] = [0, Number.POSITIVE_INFINITY, 0, 0]
  while (read < count && at + 4 <= trun.byteLength) {
    const duration = u32(trun, at)
    units += duration
    least = Math.min(least, duration)
    most = Math.max(most, duration)
    at += sampleBytes
    read++
  }
  return { count: read, units, least, most }
}

function bytesOf(flags: number, fields: readonly (readonly [flag: number, bytes: number])[]): number {
  return fields.reduce((sum, [flag, bytes]) => sum + ((flags & flag) === 0 ? 0 : bytes), 0)
}
