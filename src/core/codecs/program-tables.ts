import { MAX_ELEMENTARY_STREAMS } from '../limits.ts'

/** Sections of ISO/IEC 13818-1: a header of 8 bytes, a body, and a checksum. */
const HEADER_BYTES = 8
const CHECKSUM_BYTES = 4
const PROGRAM_ASSOCIATION = 0
const PROGRAM_MAP = 2
/** Behind the header of a program map, before its descriptors. */
const MAP_FIELDS_BYTES = 4

/** An elementary stream as the program map describes it. */
export interface ElementaryStream {
  readonly pid: number
  /** `stream_type`. */
  readonly type: number
  /** The descriptors, as they stand there. */
  readonly descriptors: Uint8Array
}

/** Puts a section together from the payloads of its packets. */
export class SectionBuffer {
  #bytes = new Uint8Array(0)
  #hasBegun = false

  /** Takes a payload; gives the section when it is whole. */
  add(payload: Uint8Array, isStart: boolean): Uint8Array | undefined {
    if (isStart) {
      const [pointer = 0] = payload
      this.#bytes = new Uint8Array(payload.subarray(1 + pointer))
      this.#hasBegun = true
    } else if (this.#hasBegun) this.#bytes = new Uint8Array([...this.#bytes, ...payload])
    const size = 3 + lengthAt(this.#bytes, 1)
    if (!this.#hasBegun || this.#bytes.length < Math.max(size, HEADER_BYTES)) return undefined
    this.#hasBegun = false
    return this.#bytes.subarray(0, size)
  }
}

/** The PID of the first program's map; undefined when this is no program association, or an empty one. */
export function mapPid(section: Uint8Array): number | undefined {
  if (section[0] !== PROGRAM_ASSOCIATION) return undefined
  for (let at = HEADER_BYTES; at + 4 <= section.length - CHECKSUM_BYTES; at += 4) {
    const program = ((section[at] ?? 0) << 8) | (section[at + 1] ?? 0)
    if (program !== 0) return pidAt(section, at + 2)
  }
  return undefined
}

/** The elementary streams of a program map, at most MAX_ELEMENTARY_STREAMS; undefined when this is none. */
export function elementaryStreams(section: Uint8Array): ElementaryStream[] | undefined {
  if (section[0] !== PROGRAM_MAP) return undefined
  const streams: ElementaryStream[] = []
  let at = HEADER_BYTES + MAP_FIELDS_BYTES + lengthAt(section, HEADER_BYTES + 2)
  while (at + 5 <= section.length - CHECKSUM_BYTES && streams.length < MAX_ELEMENTARY_STREAMS) {
    const end = at + 5 + lengthAt(section, at + 3)
    streams.push({ pid: pidAt(section, at + 1), type: section[at] ?? 0, descriptors: section.subarray(at + 5, end) })
    at = end
  }
  return streams
}

function pidAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) & 0x1f) << 8) | (bytes[at + 1] ?? 0)
}

/** The lower twelve of sixteen bits. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) & 0x0f) << 8) | (bytes[at + 1] ?? 0)
}
