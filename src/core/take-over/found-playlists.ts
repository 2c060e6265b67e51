import { plainName } from '../archive/runs.ts'
import { fileKind } from '../file-kind.ts'
import { MAX_TAKEN_PLAYLISTS } from '../limits.ts'
import { type FoundObject, isGiven } from './found-object.ts'

/** A playlist of the store, and those that are called like it but for a date-time, oldest first: they may be its runs. */
export interface PlaylistFamily {
  readonly list: FoundObject
  readonly dated: readonly FoundObject[]
}

/** The playlists that were found in a store. */
export class FoundPlaylists {
  readonly #byApp = new Map<string, Map<string, FoundObject>>()
  #plain = 0
  #dated = 0
  /** Names with a date-time beyond MAX_TAKEN_PLAYLISTS. */
  left = 0

  /** Throws where there are more than MAX_TAKEN_PLAYLISTS besides those with a date-time: a stream that is left alone would count anew. */
  add(found: readonly FoundObject[]): void {
    for (const each of found) {
      if (fileKind(each.name) !== 'playlist' || !isGiven(each)) continue
      const isDated = plainName(each.name) !== undefined
      const count = isDated ? ++this.#dated : ++this.#plain
      if (count > MAX_TAKEN_PLAYLISTS && !isDated) throw new Error('There are too many playlists in the bucket.')
      if (count > MAX_TAKEN_PLAYLISTS) this.left++
      else this.#byApp.set(each.app, (this.#byApp.get(each.app) ?? new Map()).set(each.name, each))
    }
  }

  /** All of them in families, in the order of their names. */
  families(): PlaylistFamily[] {
    return [...this.#byApp.values()].flatMap(familiesOf)
  }
}

function familiesOf(lists: ReadonlyMap<string, FoundObject>): PlaylistFamily[] {
  const families = new Map<string, FoundObject[]>()
  const dated: [plain: string, FoundObject][] = []
  for (const [name, found] of lists) {
    const plain = plainName(name)
    if (plain !== undefined && lists.has(plain)) dated.push([plain, found])
    else families.set(name, [])
  }
  for (const [plain, found] of dated) families.get(plain)?.push(found)
  return [...families].sort(byName).flatMap(([name, runs]) => {
    const list = lists.get(name)
    return list === undefined ? [] : [{ list, dated: runs.sort((one, other) => (one.name < other.name ? -1 : 1)) }]
  })
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1
}
