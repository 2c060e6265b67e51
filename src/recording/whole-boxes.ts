/** Size and type of a box (ISO/IEC 14496-12), and a size of 64 bits behind them, in bytes. */
const HEADER_BYTES = 8
const LARGE_HEADER_BYTES = 16

/** Follows the boxes of an MP4 segment while it passes by, to tell whether it has them whole. */
export class WholeBoxes {
  readonly #header = Buffer.alloc(LARGE_HEADER_BYTES)
  #headerBytes = 0
  /** Bytes of the box that is passing by which are still to come. */
  #left = 0
  #isBroken = false

  /** Whether all that was added ends where a box does. */
  get isWhole(): boolean {
    return !this.#isBroken && this.#left === 0 && this.#headerBytes === 0
  }

  add(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && !this.#isBroken) {
      const skipped = Math.min(this.#left, chunk.length - at)
      this.#left -= skipped
      at += skipped
      if (at < chunk.length) at += this.#readHeader(chunk, at)
    }
  }

  /** Takes one byte of a header; the box begins when it is whole. */
  #readHeader(chunk: Uint8Array, at: number): number {
    this.#header[this.#headerBytes++] = chunk[at] ?? 0
    if (this.#headerBytes < HEADER_BYTES) return 1
    const size = this.#header.readUInt32BE(0)
    const isLarge = size === 1
    if (isLarge && this.#headerBytes < LARGE_HEADER_BYTES) return 1
    const left = (isLarge ? Number(this.#header.readBigUInt64BE(HEADER_BYTES)) : size) - this.#headerBytes
    // A size of 0 reaches to the end of a file, which a segment must not.
    this.#isBroken = left < 0 || !/^[\x20-\x7e]{4}$/.test(this.#header.toString('latin1', 4, HEADER_BYTES))
    this.#left = left
    this.#headerBytes = 0
    return 1
  }
}
