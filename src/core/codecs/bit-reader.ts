/** Longest Exp-Golomb prefix that is followed, in bits: no value of a parameter set needs more. */
const MAX_GOLOMB_ZEROS = 31

/** Reads bits, the highest of each byte first. Behind the end all are 0, and `isOver` tells that they were asked for. */
export class BitReader {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, firstByte = 0) {
    this.#bytes = bytes
    this.#at = 8 * firstByte
  }

  /** Whether more was read than there is. */
  get isOver(): boolean {
    return this.#at > 8 * this.#bytes.length
  }

  bit(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0
    const bit = (byte >> (7 - (this.#at & 7))) & 1
    this.#at++
    return bit
  }

  flag(): boolean {
    return this.bit() === 1
  }

  /** A whole number of at most 32 bits. */
  bits(count: number): number {
    let value = 0
    for (let read = 0; read < count; read++) value = value * 2 + this.bit()
    return value
  }

  skip(count: number): void {
    this.#at += count
  }

  /** `ue(v)` of Rec. ITU-T H.264 and H.265: an unsigned Exp-Golomb code. */
  golomb(): number {
    let zeros = 0
    while (zeros < MAX_GOLOMB_ZEROS && this.bit() === 0) zeros++
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** `se(v)`: a signed one. */
  signedGolomb(): number {
    const code = this.golomb()
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2
  }
}
