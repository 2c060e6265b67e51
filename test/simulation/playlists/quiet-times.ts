/** A time in which nothing came; `to` is Infinity while it goes on. */
export interface QuietTime {
  readonly from: number
  readonly to: number
}

/** When it was quiet around a stream: no upload of it ran, and the receiver did. */
export class QuietTimes {
  readonly #past: QuietTime[] = []
  /** What keeps it from being quiet: uploads that run, and a receiver that does not. */
  #busy = 1
  #from = Number.NEGATIVE_INFINITY

  /** Since when it is quiet; Infinity: it is not. */
  get since(): number {
    return this.#busy > 0 ? Number.POSITIVE_INFINITY : this.#from
  }

  /** Something begins that is not over at once. */
  begin(at: number): void {
    if (this.#busy === 0) this.#past.push({ from: this.#from, to: at })
    this.#busy++
    this.#from = at
  }

  /** It is over. */
  end(at: number): void {
    this.#busy--
    this.#from = at
  }

  /** The last time of quiet that had gone on for `ms` at some moment from `least` to `most`. */
  longEnough(ms: number, least: number, most: number): QuietTime | undefined {
    const now = { from: this.since, to: Number.POSITIVE_INFINITY }
    const isLong = ({ from, to }: QuietTime) => Math.max(from + ms, least) <= Math.min(to, most)
    return isLong(now) ? now : this.#past.findLast(isLong)
  }
}
