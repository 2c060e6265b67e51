import { atMost } from '../at-most.ts'
import { MAX_NAME_SUFFIX, PRODUCT_LOOK_MS } from '../limits.ts'
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
}

/** Names of files that nothing has: those of AMS get `_1`, `_2` … before their extension (facts of AMS, section 4.2). */
export class VodNames {
  readonly #parts: VodNamesParts
  /** Given, and not durable yet. */
  readonly #given = new Set<string>()

  constructor(parts: VodNamesParts) {
    this.#parts = parts
  }

  /** The name, or the next that is free; it stays taken until `release`, and must be durable by then. */
  async take(app: string, wanted: string): Promise<string> {
    for (let suffix = 0; suffix <= MAX_NAME_SUFFIX; suffix++) {
      const name = suffix === 0 ? wanted : withSuffix(wanted, suffix)
      const key = `${app}/${name}`
      if (this.#given.has(key) || this.#isKnown(app, name)) continue
      this.#given.add(key)
      if (!(await this.#isThere(app, name))) return name
      this.#given.delete(key)
    }
    throw new Error(`no free name like ${wanted}`)
  }

  /** A name that was taken is durable, or not needed. */
  release(app: string, name: string): void {
    this.#given.delete(`${app}/${name}`)
  }

  #isKnown(app: string, name: string): boolean {
    const { journal } = this.#parts
    const taken = [keys.vodName(app, name), keys.object(app, name), keys.taken(app, name)]
    return taken.some((key) => journal.get(key) !== undefined) || isRemoved(journal, app, name)
  }

  /** A bucket that does not answer holds up nothing. */
  async #isThere(app: string, name: string): Promise<boolean> {
    const { clock, products } = this.#parts
    let isThere = false
    const look = products.exists('vod', app, name).then((found) => {
      isThere = found
    })
    await atMost(clock, PRODUCT_LOOK_MS, look)
    return isThere
  }
}
