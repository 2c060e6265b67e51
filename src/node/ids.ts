import { randomBytes } from 'node:crypto'
import type { Journal } from '../core/ports.ts'
import { keys, toBytes, toText } from '../core/records.ts'

const TIME_DIGITS = 9
const COUNT_DIGITS = 4
const MAX_COUNT = 36 ** COUNT_DIGITS - 1

/**
 * Ids of time, count, and chance of this life: they sort by age, also after those of earlier lives whose clock was ahead,
 * and no two receivers share one.
 */
export class IdSequence {
  readonly #life = randomBytes(5).toString('hex')
  #time: number
  #count: number

  /** Goes on after the id `last`; an empty one means that none was given yet. */
  constructor(last: string) {
    this.#time = numberOf(last.slice(0, TIME_DIGITS))
    this.#count = numberOf(last.slice(TIME_DIGITS, TIME_DIGITS + COUNT_DIGITS))
  }

  /** The newest id. */
  get last(): string {
    return `${digits(this.#time, TIME_DIGITS)}${digits(this.#count, COUNT_DIGITS)}${this.#life}`
  }

  next(): string {
    const now = Date.now()
    // A clock that is set back must not make a later id sort before an earlier one.
    const isLater = now > this.#time
    if (isLater) this.#time = now
    else if (this.#count === MAX_COUNT) this.#time++
    this.#count = isLater || this.#count === MAX_COUNT ? 0 : this.#count + 1
    return this.last
  }
}

/** The ids of a receiver that goes on with this journal, and the journal, which remembers with each batch the newest id. */
export function rememberIds(journal: Journal): { readonly journal: Journal; readonly nextId: () => string } {
  const ids = new IdSequence(toText(journal.get(keys.lastId) ?? new Uint8Array(0)))
  const remembering: Journal = {
    get: (key) => journal.get(key),
    entries: (prefix) => journal.entries(prefix),
    // Whatever ids a batch holds were given before it.
    commit: (writes) => journal.commit([...writes, { key: keys.lastId, value: toBytes(ids.last) }]),
  }
  return { journal: remembering, nextId: () => ids.next() }
}

function numberOf(text: string): number {
  return text === '' ? 0 : Number.parseInt(text, 36)
}

function digits(value: number, length: number): string {
  return value.toString(36).padStart(length, '0')
}
