import { MAX_PARAMETER_BYTES } from '../limits.ts'
import { concat } from '../piece-buffer.ts'
import type { ElementInfo } from './stream-info.ts'
import type { StreamReading } from './stream-types.ts'

/** How much of a stream is looked at first, in bytes; then twice as much, and so on: all looks together cost what the last does. */
const FIRST_LOOK_BYTES = 1024
/** The part of a PES header whose length is always the same, and where it gives the length of the rest, in bytes. */
const PES_HEADER_BYTES = 9
const PES_REST_LENGTH_AT = 8

/** Looks for the parameters of one elementary stream in its packets. */
export class ParameterSearch {
  readonly #from: ((bytes: Uint8Array) => ElementInfo | undefined) | undefined
  #found: ElementInfo | undefined
  #pieces: Uint8Array[] = []
  #bytes = 0
  #lookAt = FIRST_LOOK_BYTES
  #hasBegun = false

  constructor(reading: Exclude<StreamReading, { kind: 'data' }>) {
    this.#found = reading.kind === 'known' ? reading.info : undefined
    this.#from = reading.kind === 'read' ? reading.from : undefined
  }

  /** Whether more bytes tell nothing new. */
  get isOver(): boolean {
    return this.#found !== undefined || this.#bytes >= MAX_PARAMETER_BYTES
  }

  /** Takes the payload of a packet; what stands before the first PES header is of another segment. */
  add(payload: Uint8Array, isStart: boolean): void {
    if (this.isOver || (!isStart && !this.#hasBegun)) return
    this.#hasBegun = true
    const piece = isStart ? payload.subarray(PES_HEADER_BYTES + (payload[PES_REST_LENGTH_AT] ?? 0)) : payload
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes >= this.#lookAt) this.#look()
  }

  /** What was found by now; of an unknown codec where nothing was. */
  info(): ElementInfo {
    if (!this.isOver) this.#look()
    return this.#found ?? { codec: undefined, isVideo: false }
  }

  #look(): void {
    const gathered = concat(this.#pieces, this.#bytes)
    this.#pieces = [gathered]
    this.#lookAt = Math.min(2 * this.#bytes, MAX_PARAMETER_BYTES)
    this.#found = this.#from?.(gathered)
  }
}
