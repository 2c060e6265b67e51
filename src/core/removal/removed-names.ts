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

/** What stands around the number of a name, and the number. */
function kindOf(name: string): readonly [kind: string, number: number | undefined] {
  const [before = '', digits, after = ''] = numberOf(name) ?? []
  return [`${before}\u0001${digits?.length ?? 0}${after}`, digits === undefined ? undefined : Number(digits)]
}
