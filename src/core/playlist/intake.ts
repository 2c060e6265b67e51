import { ReceiverError } from '../errors.ts'
import { MAX_PLAYLIST_BYTES, PLAYLIST_HEAD_BYTES } from '../limits.ts'
import { PieceBuffer } from '../piece-buffer.ts'
import type { Digest } from '../ports.ts'
import { toText } from '../records.ts'
import { wholeNumber } from './scan.ts'
import type { SealedMark, SealedPart } from './sealed-part.ts'
import { isEntryLine } from './tags.ts'

const LINE_FEED = 0x0a

/** An uploaded playlist: all of it, or what it has before and behind the sealed chunks that it begins with. */
export interface PlaylistUpload {
  /** Bytes that were sent. */
  readonly bytes: number
  readonly text: Uint8Array
  /** The sealed part whose first `chunks` are left out of `text`, since they were sent as they are known. */
  readonly continues: SealedPart | undefined
  readonly chunks: number
  /** Bytes of `text` before what is left out: the playlist's own tags. */
  readonly headBytes: number
}

/**
 * Takes an uploaded playlist in. One that begins like the list it replaces is recognised by a running hash, and what is
 * known of it is not kept: an upload costs memory and reading for its new tail only.
 */
export class PlaylistIntake {
  readonly #known: SealedPart | undefined
  readonly #digest: Digest
  readonly #pieces = new PieceBuffer()
  #phase: 'head' | 'beginning' | 'rest'
  #bytes = 0
  #head = new Uint8Array(0)
  #compared = 0
  /** Marks that were reached with the known hash. */
  #matched = 0

  constructor(known: SealedPart | undefined, digest: Digest) {
    this.#known = known
    this.#digest = digest
    this.#phase = known === undefined ? 'rest' : 'head'
  }

  /** Bytes that are held in memory. */
  get held(): number {
    return this.#pieces.bytes
  }

  /** Takes the next piece. Throws `body-too-large`. */
  add(piece: Uint8Array): void {
    this.#bytes += piece.length
    if (this.#bytes > MAX_PLAYLIST_BYTES) throw new ReceiverError('body-too-large')
    this.#pieces.add(piece)
    if (this.#phase === 'beginning') this.#compare(piece)
    else if (this.#phase === 'head' && this.#pieces.bytes >= PLAYLIST_HEAD_BYTES) this.#endHead()
  }

  finish(): PlaylistUpload {
    if (this.#phase === 'head') this.#endHead()
    const chunks = this.#known?.marks[this.#matched - 1]?.chunks ?? 0
    const rest = this.#pieces.takeWhole()
    if (chunks === 0) return { bytes: this.#bytes, text: rest, continues: undefined, chunks, headBytes: 0 }
    const text = new Uint8Array(this.#head.length + rest.length)
    text.set(this.#head)
    text.set(rest, this.#head.length)
    return { bytes: this.#bytes, text, continues: this.#known, chunks, headBytes: this.#head.length }
  }

  #endHead(): void {
    const start = this.#pieces.takeWhole()
    const end = endOfHead(start)
    this.#head = start.slice(0, end)
    const isKnown = this.#known?.mediaSequence === wholeNumber(toText(this.#head).split('\n'), '#EXT-X-MEDIA-SEQUENCE')
    this.#phase = isKnown ? 'beginning' : 'rest'
    this.#pieces.add(start)
    if (isKnown) this.#compare(start.subarray(end))
  }

  /** Hashes the next bytes of the list; at each mark it shows whether they are the same. */
  #compare(piece: Uint8Array): void {
    let rest = piece
    while (this.#phase === 'beginning') {
      const mark = this.#known?.marks[this.#matched]
      if (mark === undefined) this.#phase = 'rest'
      else {
        const left = mark.bytes - this.#compared
        // Views cost as much as all else here: most pieces need none.
        const part = rest.length <= left ? rest : rest.subarray(0, left)
        this.#digest.update(part)
        this.#compared += part.length
        if (this.#compared < mark.bytes) return
        rest = rest.subarray(part.length)
        this.#reach(mark, rest)
      }
    }
  }

  #reach(mark: SealedMark, rest: Uint8Array): void {
    if (this.#digest.copy().hex() !== mark.hash) {
      this.#phase = 'rest'
      return
    }
    this.#matched++
    this.#pieces.take()
    if (rest.length > 0) this.#pieces.add(rest)
  }
}

/** Where the first line begins that is none of the playlist's own tags. */
function endOfHead(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, at)
    const end = lineFeed < 0 ? bytes.length : lineFeed
    if (isEntryLine(toText(bytes.subarray(at, end)).trim())) return at
    at = end + 1
  }
  return bytes.length
}
