import { LOOSE_PIECES, SMALL_PIECE_BYTES } from './limits.ts'

const NO_BLOCK = new Uint8Array(0)

/** Pieces of a body in order; many small ones are copied together, so that memory follows the bytes and not their number. */
export class PieceBuffer {
  #pieces: Uint8Array[] = []
  #bytes = 0
  #block = NO_BLOCK
  #blockUsed = 0

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes
  }

  add(piece: Uint8Array): void {
    this.#bytes += piece.length
    const isSmall = piece.length < SMALL_PIECE_BYTES && this.#pieces.length >= LOOSE_PIECES
    if (!isSmall || this.#block.length - this.#blockUsed < piece.length) this.#sealBlock()
    if (!isSmall) {
      this.#pieces.push(piece)
      return
    }
    if (this.#block.length === 0) this.#block = new Uint8Array(SMALL_PIECE_BYTES)
    this.#block.set(piece, this.#blockUsed)
    this.#blockUsed += piece.length
  }

  /** Hands over what is held, and holds nothing any more. */
  take(): Uint8Array[] {
    this.#sealBlock()
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

  #sealBlock(): void {
    if (this.#blockUsed > 0) this.#pieces.push(this.#block.subarray(0, this.#blockUsed))
    this.#block = NO_BLOCK
    this.#blockUsed = 0
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
