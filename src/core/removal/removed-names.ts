import { numberOf } from '../free-name.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson } from '../records.ts'

const NOTHING = new Uint8Array(0)

/**
 * Writes down that names of files are gone for good: players and CDNs may still hold what was served under them, so none is given to
 * other bytes. Of numbered names the highest number is enough.
 */
export function removedWrites(journal: Journal, app: string, names: readonly string[]): JournalWrite[] {
  const highest = new Map<string, number>()
  const writes: JournalWrite[] = []
  for (const name of names) {
    const [kind, number] = kindOf(name)
    if (number === undefined) writes.push({ key: keys.taken(app, name), value: NOTHING })
    else highest.set(kind, Math.max(number, highest.get(kind) ?? 0))
  }
  for (const [kind, number] of highest) {
    const key = keys.removedTo(app, kind)
    if (number > (readJson<number>(journal, key) ?? -1)) writes.push(jsonWrite(key, number))
  }
  return writes
}

/** Whether a file of this name was removed, or one behind it. */
export function isRemoved(journal: Journal, app: string, name: string): boolean {
  const [kind, number] = kindOf(name)
  return number !== undefined && number <= (readJson<number>(journal, keys.removedTo(app, kind)) ?? -1)
}

/** The lowest numbers of numbered names: what stood below was removed, or never there. */
export class LowestNumbers {
  /** By app and kind. */
  readonly #lowest = new Map<string, { readonly app: string; readonly kind: string; readonly number: number }>()

  add(app: string, name: string): void {
    const [kind, number] = kindOf(name)
    const key = `${app}/${kind}`
    const known = this.#lowest.get(key)?.number ?? Number.POSITIVE_INFINITY
    if (number !== undefined && number < known) this.#lowest.set(key, { app, kind, number })
  }

  /** Writes down that nothing below is given again. */
  *writes(journal: Journal): Generator<JournalWrite> {
    for (const { app, kind, number } of this.#lowest.values()) {
      const key = keys.removedTo(app, kind)
      if (number > 0 && number - 1 > (readJson<number>(journal, key) ?? -1)) yield jsonWrite(key, number - 1)
    }
  }
}

/** What stands around the number of a name, and the number. */
function kindOf(name: string): readonly [kind: string, number: number | undefined] {
  const [before = '', digits, after = ''] = numberOf(name) ?? []
  return [`${before}\u0001${digits?.length ?? 0}${after}`, digits === undefined ? undefined : Number(digits)]
}
