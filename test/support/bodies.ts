import type { Random } from './random.ts'
import { sha256 } from './tree.ts'

/** Bytes of filler that bodies are cut from; one body is at most that long. */
const FILLER_BYTES = 2 * 1024 * 1024

/** A body that no other has. */
export interface TestBody {
  readonly bytes: Uint8Array
  /** SHA-256, lower-case hex. */
  readonly hash: string
}

/** Makes bodies of any size up to 1 MiB, each begun by its label, so that no two with different labels are equal. */
export function bodyMaker(random: Random): (label: string, size: number) => TestBody {
  const filler = Buffer.alloc(FILLER_BYTES)
  for (let at = 0; at < FILLER_BYTES; at += 4) filler.writeUInt32LE(random.whole(0, 2 ** 32 - 1), at)
  return (label, size) => {
    const head = Buffer.from(`${label}\n`)
    const start = random.whole(0, FILLER_BYTES / 2)
    const bytes = Buffer.concat([head, filler.subarray(start, start + size - head.length)])
    return { bytes, hash: sha256(bytes) }
  }
}

/** A body in pieces of at most `pieceBytes`. */
export function* piecesOf(body: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes)
}
