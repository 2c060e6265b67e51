/** Where an entry stands in a block of a recording, and when it was live. */
export interface IndexedEntry {
  /** Where it begins in the text, with what stands before it alone: a discontinuity, other MAP and KEY lines. Bytes. */
  readonly start: number
  /** Where its own lines begin. Bytes. */
  readonly own: number
  /** Served media sequence number; one that no playlist named has that of the entry before. */
  readonly number: number
  /** Milliseconds since the epoch. */
  readonly begin: number
  /** Milliseconds. */
  readonly duration: number
  /** The times come from EXT-X-PROGRAM-DATE-TIME, which stands in its own lines or further up. */
  readonly isDated: boolean
  readonly hasOwnDate: boolean
}

/** Two numbers of 8 bytes, four of 4. */
const ENTRY_BYTES = 32
const DATED = 1
const OWN_DATE = 2

/** The entries of a block by their place, packed, so that a clip of a long recording need not take it apart. */
export class EntryIndex {
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Packs entries. */
  static of(entries: readonly IndexedEntry[]): EntryIndex {
    const bytes = new Uint8Array(entries.length * ENTRY_BYTES)
    const view = new DataView(bytes.buffer)
    for (const [index, entry] of entries.entries()) {
      const at = index * ENTRY_BYTES
      view.setFloat64(at, entry.begin)
      view.setFloat64(at + 8, entry.number)
      view.setUint32(at + 16, entry.duration)
      view.setUint32(at + 20, entry.start)
      view.setUint32(at + 24, entry.own)
      view.setUint32(at + 28, (entry.isDated ? DATED : 0) | (entry.hasOwnDate ? OWN_DATE : 0))
    }
    return new EntryIndex(bytes)
  }

  /** As it is kept. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** How many entries. */
  get count(): number {
    return this.#bytes.length / ENTRY_BYTES
  }

  /** When an entry begins, in ms since the epoch. */
  begin(index: number): number {
    return this.#view.getFloat64(index * ENTRY_BYTES)
  }

  /** When an entry ends, in ms since the epoch. */
  end(index: number): number {
    return this.begin(index) + this.#view.getUint32(index * ENTRY_BYTES + 16)
  }

  /** All that is known of an entry. */
  at(index: number): IndexedEntry {
    const at = index * ENTRY_BYTES
    const flags = this.#view.getUint32(at + 28)
    return {
      begin: this.begin(index),
      number: this.#view.getFloat64(at + 8),
      duration: this.#view.getUint32(at + 16),
      start: this.#view.getUint32(at + 20),
      own: this.#view.getUint32(at + 24),
      isDated: (flags & DATED) !== 0,
      hasOwnDate: (flags & OWN_DATE) !== 0,
    }
  }
}
