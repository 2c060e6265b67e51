import type { ArchivedEntry } from '../archive/archived-entry.ts'
import { MAX_UNNAMED_SEGMENTS } from '../limits.ts'

/**
 * Puts the entries of a playlist's runs, one text after the other, before what its live list still shows: each entry once, under the
 * number that it was served with. Texts of runs tell the number of their first entry alone; what no list of the encoder named stands in
 * them without one of its own.
 */
export class EntryPlaces {
  readonly #live: readonly ArchivedEntry[]
  /** Where each segment of the live list stands there, and how many of these places are behind us. */
  readonly #indexes = new Map<string, { readonly all: number[]; passed: number }>()
  /** The first entry of the live list that was not placed. */
  #next = 0
  #hasMet = false
  #added = 0
  /** Number of the last entry placed, -1 when there is none. */
  last = -1

  /** `live`: the entries of the live list, in order. */
  constructor(live: readonly ArchivedEntry[]) {
    this.#live = live
    for (const [index, entry] of live.entries()) {
      const key = keyOf(entry)
      const known = key === undefined ? undefined : this.#indexes.get(key)
      if (known !== undefined) known.all.push(index)
      else if (key !== undefined) this.#indexes.set(key, { all: [index], passed: 0 })
    }
  }

  /** Number of the first entry of the live list that no text has; undefined where there is none. */
  get rest(): ArchivedEntry | undefined {
    return this.#live[this.#next]
  }

  /** The next entry as it goes into the recording, behind those that only the live list has; `end`: the next run begins there. */
  place(entry: ArchivedEntry, end: number): ArchivedEntry[] {
    const at = this.#indexIn(entry)
    if (at !== undefined) return this.#meet(entry, at)
    const shown = this.rest
    // The same hole, or what came for it when the live list was there already.
    if (shown !== undefined && shown.segment === undefined && (this.#hasMet || isSameHole(shown, entry))) {
      this.#next++
      return [this.#numbered(entry, shown.number)]
    }
    const number = this.#hasMet ? this.last : Math.min(entry.number, end - 1)
    return number > this.last ? [this.#numbered(entry, number)] : this.#unnamed(entry)
  }

  /** The live list shows it, too. */
  #meet(entry: ArchivedEntry, at: number): ArchivedEntry[] {
    const before = this.#live.slice(this.#next, at).filter(({ number }) => number > this.last)
    this.#hasMet = true
    this.#next = at + 1
    const number = this.#live[at]?.number ?? entry.number
    return [...before.map((each) => this.#numbered(each, each.number)), this.#numbered(entry, number)]
  }

  #numbered(entry: ArchivedEntry, number: number): ArchivedEntry {
    this.last = number
    return { ...entry, number }
  }

  /** There are not so many that nobody named. */
  #unnamed(entry: ArchivedEntry): ArchivedEntry[] {
    if (entry.segment === undefined || ++this.#added > MAX_UNNAMED_SEGMENTS) return []
    return [{ ...entry, number: Math.max(0, this.last), added: 'unnamed' }]
  }

  #indexIn(entry: ArchivedEntry): number | undefined {
    const places = this.#indexes.get(keyOf(entry) ?? '')
    if (places === undefined) return undefined
    while ((places.all[places.passed] ?? Number.POSITIVE_INFINITY) < this.#next) places.passed++
    return places.all[places.passed]
  }
}

/** What tells the segment of an entry from others. */
function keyOf({ segment, range }: ArchivedEntry): string | undefined {
  return segment && `${segment.stored} ${range?.start ?? ''}`
}

function isSameHole(one: ArchivedEntry, other: ArchivedEntry): boolean {
  return other.segment === undefined && one.number === other.number && one.uri === other.uri
}
