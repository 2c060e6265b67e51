/** Reads a body piece by piece, so that no more of it is in memory than is asked for. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest = new Uint8Array(0)

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]()
  }

  /** The next `count` bytes; undefined where the body ends before. */
  async read(count: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length < count) {
      const next = await this.#chunks.next()
      if (next.done === true) return undefined
      this.#rest = this.#rest.length === 0 ? new Uint8Array(next.value) : joined(this.#rest, next.value)
    }
    const bytes = this.#rest.subarray(0, count)
    this.#rest = this.#rest.subarray(count)
    return bytes
  }

  /** The next `count` bytes, or those up to the end of the body. */
  async readUpTo(count: number): Promise<Uint8Array> {
    const bytes = await this.read(count)
    if (bytes !== undefined) return bytes
    const rest = this.#rest
    this.#rest = new Uint8Array(0)
    return rest
  }

  /** Passes over `count` bytes; false where the body ends before. */
  async skip(count: number): Promise<boolean> {
    let left = count
    while (left > this.#rest.length) {
      left -= this.#rest.length
      const next = await this.#chunks.next()
      if (next.done === true) return false
      this.#rest = new Uint8Array(next.value)
    }
    this.#rest = this.#rest.subarray(left)
    return true
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
