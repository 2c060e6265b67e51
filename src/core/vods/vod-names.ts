import { atMost } from '../at-most.ts'
import { FreeNames } from '../free-name.ts'
import { MAX_FOUND_NAMES, PRODUCT_LOOK_MS, PRODUCT_SILENCE_MS } from '../limits.ts'
import { withSuffix } from '../names.ts'
import type { Clock, Journal } from '../ports.ts'
import type { Products } from '../products/products.ts'
import { keys } from '../records.ts'
import { isRemoved } from '../removal/removed-names.ts'

/** Where names of files are looked for. */
export interface VodNamesParts {
  readonly clock: Clock
  readonly journal: Journal
  readonly products: Products
  /** Whether an upload has a name already that is not durable yet. */
  isPending(app: string, name: string): boolean
}

/** Names of files that nothing has: those of AMS get `_1`, `_2` … before their extension (facts of AMS, section 4.2). */
export class VodNames {
  readonly #parts: VodNamesParts
  /** Given, and not durable yet. */
  readonly #given = new Set<string>()
  readonly #free = new FreeNames()
  /** A bucket that did not answer is not asked again before, in ms since the epoch. */
  #silentUntil = 0

  constructor(parts: VodNamesParts) {
    this.#parts = parts
  }

  /** The name, or the next that is free, or, beyond MAX_FOUND_NAMES, one with the moment in it; it stays taken until `release`, and must be durable by then. */
  async take(app: string, wanted: string): Promise<string> {
    /** Of files that nobody here knows of. */
    const found = new Set<string>()
    const isTaken = (name: string) => found.has(name) || this.#given.has(`${app}/${name}`) || this.#isKnown(app, name)
    for (let look = 0; look < MAX_FOUND_NAMES; look++) {
      const name = this.#free.next(app, wanted, isTaken)
      const key = `${app}/${name}`
      this.#given.add(key)
      if (!(await this.#isThere(app, name)) && !this.#isKnown(app, name)) return name
      found.add(name)
      this.#given.delete(key)
    }
    const name = withSuffix(wanted, this.#parts.clock.now())
    this.#given.add(`${app}/${name}`)
    return name
  }

  /** Whether a name was given that is not durable yet. */
  isGiven(app: string, name: string): boolean {
    return this.#given.has(`${app}/${name}`)
  }

  /** A name that was taken is durable, or not needed. */
  release(app: string, name: string): void {
    this.#given.delete(`${app}/${name}`)
  }

  #isKnown(app: string, name: string): boolean {
    const { journal, isPending } = this.#parts
    const taken = [keys.vodName(app, name), keys.object(app, name), keys.taken(app, name)]
    return taken.some((key) => journal.get(key) !== undefined) || isRemoved(journal, app, name) || isPending(app, name)
  }

  /** A bucket that does not answer, or fails, holds up nothing: an upload under a name that is taken there fails by itself. */
  async #isThere(app: string, name: string): Promise<boolean> {
    const { clock, products } = this.#parts
    if (clock.now() < this.#silentUntil) return false
    let isThere: boolean | undefined
    const look = products.exists('vod', app, name).then(
      (answer) => {
        isThere = answer
      },
      () => undefined,
    )
    await atMost(clock, PRODUCT_LOOK_MS, look)
    if (isThere === undefined) this.#silentUntil = clock.now() + PRODUCT_SILENCE_MS
    return isThere === true
  }
}
