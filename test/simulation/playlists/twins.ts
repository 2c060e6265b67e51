import type { WrittenEntry } from './encoder-text.ts'

/** What nobody can tell of segments that have their names in common. */
export class Twins {
  readonly #entries: readonly WrittenEntry[]
  readonly #giveUp: () => void
  readonly #confused = new Set<string>()

  /** `giveUp` is called when it cannot be told any more which of them a list means. */
  constructor(entries: readonly WrittenEntry[], giveUp: () => void) {
    this.#entries = entries
    this.#giveUp = giveUp
  }

  /** One of a name is lost: nobody can tell which of them the other is. */
  confuse(name: string): void {
    this.#giveUp()
    this.#confused.add(name)
    const twins = this.#entries.filter(({ uri }) => name.endsWith(uri))
    const hashes = twins.flatMap(({ segment }) => [...segment.hashes])
    for (const { segment } of twins) for (const hash of hashes) segment.hashes.add(hash)
  }

  /** Another of a name is sent. */
  sent(name: string): void {
    if (this.#confused.has(name)) this.confuse(name)
  }

  /** A list that ends with the first of two is sent after both: nobody can tell which of them it means. */
  overtake(last: WrittenEntry | undefined): void {
    if (last === undefined) return
    const next = this.#entries.find(({ number, uri }) => number > last.number && uri === last.uri)
    if (next === undefined) return
    for (const hash of next.segment.hashes) last.segment.alike.add(hash)
    next.segment.isTaken = true
  }
}
