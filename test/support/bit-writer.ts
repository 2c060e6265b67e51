/** Writes parameter sets bit by bit, the highest of each byte first. */
export class BitWriter {
  #bits = ''

  bits(value: number, count: number): this {
    this.#bits += value.toString(2).padStart(count, '0')
    return this
  }

  /** `ue(v)` of Rec. ITU-T H.264 and H.265, one after the other. */
  golombs(...values: readonly number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2)
      this.#bits += '0'.repeat(code.length - 1) + code
    }
    return this
  }

  /** In hexadecimal, with the bytes that keep start codes out. */
  escapedHex(): string {
    const bytes = this.#bits.match(/.{1,8}/g) ?? []
    const hex = bytes.map((bits) => Number.parseInt(bits.padEnd(8, '0'), 2).toString(16).padStart(2, '0'))
    let zeros = 0
    return hex
      .map((byte) => {
        const isEscaped = zeros >= 2 && Number.parseInt(byte, 16) <= 3
        zeros = byte === '00' ? (isEscaped ? 0 : zeros) + 1 : 0
        return isEscaped ? `03${byte}` : byte
      })
      .join('')
  }
}
