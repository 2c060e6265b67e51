import type { ByteReader } from '../containers/byte-reader.ts'
import { nextPacket, type TsPacket } from '../containers/ts-packets.ts'
import { ParameterSearch } from './parameter-search.ts'
import { elementaryStreams, mapPid, SectionBuffer } from './program-tables.ts'
import { type StreamInfo, streamInfo, UNKNOWN_STREAM } from './stream-info.ts'
import { readingOf } from './stream-types.ts'

const ASSOCIATION_PID = 0

/** What an MPEG-TS segment tells, by its program map and the first bytes of each elementary stream. */
export async function transportStreamInfo(segment: ByteReader): Promise<StreamInfo> {
  const program = new Program()
  while (!program.isKnown) {
    const packet = await nextPacket(segment)
    if (packet === undefined || packet === 'broken') break
    program.add(packet)
  }
  return program.info()
}

/** The first program of a transport stream, as far as its packets were seen. */
class Program {
  readonly #association = new SectionBuffer()
  readonly #map = new SectionBuffer()
  #mapPid: number | undefined
  /** By PID; undefined until the program map was seen. */
  #streams: ReadonlyMap<number, ParameterSearch> | undefined

  /** Whether more packets tell nothing new. */
  get isKnown(): boolean {
    return this.#streams !== undefined && [...this.#streams.values()].every(({ isOver }) => isOver)
  }

  add({ pid, isStart, payload }: TsPacket): void {
    if (this.#streams !== undefined) this.#streams.get(pid)?.add(payload, isStart)
    else if (pid === this.#mapPid) this.#readMap(payload, isStart)
    else if (pid === ASSOCIATION_PID && this.#mapPid === undefined) {
      const section = this.#association.add(payload, isStart)
      this.#mapPid = section === undefined ? undefined : mapPid(section)
    }
  }

  info(): StreamInfo {
    if (this.#streams === undefined) return UNKNOWN_STREAM
    return streamInfo([...this.#streams.values()].map((stream) => stream.info()))
  }

  #readMap(payload: Uint8Array, isStart: boolean): void {
    const section = this.#map.add(payload, isStart)
    const streams = section === undefined ? undefined : elementaryStreams(section)
    if (streams === undefined) return
    const searches = streams.flatMap((stream): [number, ParameterSearch][] => {
      const reading = readingOf(stream)
      return reading.kind === 'data' ? [] : [[stream.pid, new ParameterSearch(reading)]]
    })
    this.#streams = new Map(searches)
  }
}
