import type { SeenEntry, TrueEntry } from './truth.ts'

/** Under which numbers entries are served: those of a run follow each other as its encoder counts, behind the run before. */
export class Places {
  /** What is added to the encoder's numbers, by run. */
  readonly #offsets = new Map<number, number>()
  #lastNumber = -1
  #lastPart = -1

  /** What is added to a run's numbers; undefined when nothing of it was seen yet. */
  offset(run: number): number | undefined {
    return this.#offsets.get(run)
  }

  /** What is wrong with the place of an entry, the `index`th of its list; takes note of it. */
  wrong(entry: SeenEntry, truth: TrueEntry, index: number): string[] {
    const wrong: string[] = []
    const offset = this.#offsets.get(truth.run)
    if (offset === undefined) {
      this.#offsets.set(truth.run, entry.number - truth.number)
      if (truth.run === 0 && entry.number !== truth.number) wrong.push('P4: the first run is not numbered as sent')
      if (entry.number <= this.#lastNumber) wrong.push('P4: a new run takes a number again')
      if (this.#offsets.size > 1 && entry.part <= this.#lastPart)
        wrong.push('P4: a new run begins without DISCONTINUITY')
      if (index > 0) wrong.push('P4: a new run begins in the middle of a list')
    } else if (entry.number !== truth.number + offset) wrong.push('P4: an entry is served under another number')
    if (truth.isDiscontinuity && !entry.isDiscontinuity) wrong.push('P4: a DISCONTINUITY is missing')
    if (entry.duration !== truth.duration && entry.duration !== truth.corrected)
      wrong.push('P4: an entry has another duration')
    this.#lastNumber = Math.max(this.#lastNumber, entry.number)
    this.#lastPart = Math.max(this.#lastPart, entry.part)
    return wrong
  }
}
