import { SMALL_PIECE_BYTES } from './limits.ts'

const NO_BLOCK = new Uint8Array(0)

/** Pieces of a body in order; small ones are copied together, so that memory follows the bytes and not their number. */
export class PieceBuffer {
  #pieces: Uint8Array[] = []
  #bytes = 0
  #block = NO_BLOCK
  /** Where the part of the block begins that is no piece yet, and where it ends. */
  #blockStart = 0
  #blockEnd = 0

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes
  }

  add(piece: Uint8Array): void {
    this.#bytes += piece.length
    const isSmall = piece.length < SMALL_PIECE_BYTES && (this.#pieces.length > 0 || this.#blockEnd > 0)
    if (!isSmall) {
      this.#endBlockPart()
      this.#pieces.push(piece)
      return
    }
    if (this.#block.length - this.#blockEnd < piece.length) this.#newBlock(new Uint8Array(SMALL_PIECE_BYTES))
    this.#block.set(piece, this.#blockEnd)
    this.#blockEnd += piece.length
  }

  /** Hands over what is held, and holds nothing any more. */
  take(): Uint8Array[] {
    this.#newBlock(NO_BLOCK)
    const pieces = this.#pieces
    this.#pieces = []
    this.#bytes = 0
    return pieces
  }

  /** Hands over what is held in one. */
  takeWhole(): Uint8Array {
    const size = this.#bytes
    return concat(this.take(), size)
  }

  #newBlock(block: Uint8Array<ArrayBuffer>): void {
    this.#endBlockPart()
    this.#block = block
    this.#blockStart = 0
    this.#blockEnd = 0
  }

  /** Makes what was gathered in the block a piece; the block goes on behind it. */
  #endBlockPart(): void {
    if (this.#blockEnd > this.#blockStart) this.#pieces.push(this.#block.subarray(this.#blockStart, this.#blockEnd))
    this.#blockStart = this.#blockEnd
  }
}

/** Pieces of `size` bytes together as one; a single piece is given back as it is. */
export function concat(
  pieces: readonly Uint8Array[],
  size = pieces.reduce((sum, piece) => sum + piece.length, 0),
): Uint8Array {
  const [first] = pieces
  if (pieces.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
