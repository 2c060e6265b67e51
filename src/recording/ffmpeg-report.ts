/** Lines of what ffmpeg wrote last that are kept, and how much of each, in characters. */
const LAST_LINES = 8
const LINE_CHARACTERS = 300
/** A line of `-progress`. */
const PROGRESS = /^([a-z_0-9]+)= *(\S*)$/
const TOKEN = /http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]+\//g

/** Reads what ffmpeg writes: how far it is, and what went wrong. */
export class FfmpegReport {
  readonly #told: (seconds: number) => void
  readonly #lines: string[] = []
  #seconds = 0

  /** `told` is called with how much of the output there is, in s. */
  constructor(told: (seconds: number) => void) {
    this.#told = told
  }

  /** How long the output plays so far, in s. */
  get seconds(): number {
    return this.#seconds
  }

  add(line: string): void {
    const [, name, value] = PROGRESS.exec(line) ?? []
    if (name === undefined) this.#keep(line)
    else if (name === 'out_time_us') this.#tell(Number(value) / 1e6)
  }

  /** What it complained of last, in one line; without the address that its input was under. */
  lastLines(): string {
    return this.#lines.join(' | ')
  }

  /** There is no number before there is any output. */
  #tell(seconds: number): void {
    if (!Number.isFinite(seconds)) return
    this.#seconds = Math.max(0, seconds)
    this.#told(this.#seconds)
  }

  #keep(line: string): void {
    if (line.trim() === '') return
    this.#lines.push(line.slice(0, LINE_CHARACTERS).replace(TOKEN, ''))
    if (this.#lines.length > LAST_LINES) this.#lines.shift()
  }
}
