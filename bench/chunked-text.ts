/** Bytes of one chunk, as libavformat sends them. */
const CHUNK_BYTES = 32 * 1024
const SIZE_DIGITS = 4
const LINE_END = '\r\n'
const SIZE_LINE_BYTES = SIZE_DIGITS + LINE_END.length
const FRAMED_BYTES = SIZE_LINE_BYTES + CHUNK_BYTES + LINE_END.length
const END = `${LINE_END}0${LINE_END}${LINE_END}`

/** A text in chunked framing that grows at its end: a version costs what was added, however long the text is. */
export class ChunkedText {
  #framed = Buffer.allocUnsafe(FRAMED_BYTES + END.length)
  #length = 0

  /** Adds ASCII at the end. */
  append(text: string): void {
    for (let at = 0; at < text.length; ) {
      const part = text.slice(at, at + CHUNK_BYTES - (this.#length % CHUNK_BYTES))
      this.#reserve()
      this.#framed.write(part, this.#placeOf(this.#length), 'latin1')
      this.#length += part.length
      at += part.length
      if (this.#length % CHUNK_BYTES === 0) this.#closeChunk(CHUNK_BYTES, LINE_END)
    }
  }

  /** Puts ASCII over what stands at `at`, all of it in one chunk. */
  overwrite(at: number, text: string): void {
    this.#framed.write(text, this.#placeOf(at), 'latin1')
  }

  clear(): void {
    this.#length = 0
  }

  /** The text as the body of a request, with its end; what was given out before changes with it. */
  body(): Buffer {
    const size = this.#length % CHUNK_BYTES
    const whole = this.#length - size
    if (size > 0) return this.#framed.subarray(0, this.#closeChunk(size, END))
    const end = (whole / CHUNK_BYTES) * FRAMED_BYTES
    return this.#framed.subarray(0, end + this.#framed.write(END.slice(LINE_END.length), end, 'latin1'))
  }

  /** Writes the size of the chunk that the text ends in, and what follows it; returns where that ends. */
  #closeChunk(size: number, after: string): number {
    const begin = this.#placeOf(this.#length - size)
    this.#framed.write(size.toString(16).padStart(SIZE_DIGITS, '0') + LINE_END, begin - SIZE_LINE_BYTES, 'latin1')
    return begin + size + this.#framed.write(after, begin + size, 'latin1')
  }

  #placeOf(at: number): number {
    return Math.floor(at / CHUNK_BYTES) * FRAMED_BYTES + SIZE_LINE_BYTES + (at % CHUNK_BYTES)
  }

  /** Makes room for one more chunk, and the end. */
  #reserve(): void {
    const needed = this.#placeOf(this.#length) + FRAMED_BYTES + END.length
    if (needed <= this.#framed.length) return
    const larger = Buffer.allocUnsafe(needed * 2)
    this.#framed.copy(larger)
    this.#framed = larger
  }
}
