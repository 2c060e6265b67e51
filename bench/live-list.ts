import { ChunkedText } from './chunked-text.ts'

const SEGMENT_MS = 2_000
const NUMBER_DIGITS = 9
const BEGAN_MS = Date.UTC(2026, 10, 22, 18, 43, 6, 630)
const TARGET_DURATION = '#EXT-X-TARGETDURATION:'
/** Versions after which the target duration changes, as when a longer segment comes into a list or leaves it. */
export const VERSIONS_PER_DURATION = 100

/** How the playlist of a stream goes on. */
export interface ListShape {
  /** Entries that its first version has. */
  readonly entries: number
  /** Whether an old entry leaves with each new one, as in a live list, or all stay, as in an EVENT list. */
  readonly slides: boolean
}

/** A playlist as ffmpeg writes it, version after version, each with one entry more than the last. */
export class LiveList {
  readonly #stream: string
  readonly #shape: ListShape
  readonly #text = new ChunkedText()
  #last: number
  #versions = 0

  constructor(stream: string, shape: ListShape) {
    this.#stream = stream
    this.#shape = shape
    this.#last = shape.entries - 1
    this.#write(0)
  }

  /** Path of the playlist below the upload folder. */
  get name(): string {
    return `${this.#stream}.m3u8`
  }

  /** Entries of the version last given. */
  get entries(): number {
    return this.#shape.slides ? this.#shape.entries : this.#last + 1
  }

  /** Name of the last segment that the version last given names. */
  get lastSegment(): string {
    return segmentName(this.#stream, this.#last)
  }

  /** The body of the next version, in chunked framing; the body given before changes with it. */
  next(): Buffer {
    this.#versions++
    if (this.#versions > 1) this.#advance()
    this.#text.overwrite(this.#header(0).indexOf(TARGET_DURATION) + TARGET_DURATION.length, this.#targetDuration())
    return this.#text.body()
  }

  #advance(): void {
    this.#last++
    if (this.#shape.slides) this.#write(this.#last - this.#shape.entries + 1)
    else this.#text.append(entry(this.#stream, this.#last))
  }

  #write(first: number): void {
    this.#text.clear()
    this.#text.append(this.#header(first))
    for (let number = first; number <= this.#last; number++) this.#text.append(entry(this.#stream, number))
  }

  #header(first: number): string {
    const type = this.#shape.slides ? '' : '#EXT-X-PLAYLIST-TYPE:EVENT\n'
    const duration = `${TARGET_DURATION}${this.#targetDuration()}\n`
    return `#EXTM3U\n#EXT-X-VERSION:3\n${duration}#EXT-X-MEDIA-SEQUENCE:${first}\n${type}`
  }

  #targetDuration(): string {
    return Math.floor(this.#versions / VERSIONS_PER_DURATION) % 2 === 0 ? '2' : '3'
  }
}

/** The name of a stream's segment. */
export function segmentName(stream: string, number: number): string {
  return `${stream}${String(number).padStart(NUMBER_DIGITS, '0')}.ts`
}

function entry(stream: string, number: number): string {
  const date = new Date(BEGAN_MS + number * SEGMENT_MS).toISOString().replace('Z', '+0000')
  return `#EXTINF:2.000000,\n#EXT-X-PROGRAM-DATE-TIME:${date}\n${segmentName(stream, number)}\n`
}
