import type { Version } from '../catalog.ts'
import { GAP_MEND_MS } from '../limits.ts'
import type { UriLookup } from '../playlist/lookup.ts'
import type { Bound } from '../playlist/timeline.ts'
import type { ArchivedEntry } from './archived-entry.ts'

/** Finds what came for a hole after it had left its encoder's list. */
export class LateSegments {
  readonly #lookup: UriLookup
  readonly #ends: readonly (string | undefined)[]
  readonly #isBound: (id: string) => boolean

  /** `ends`: for each entry the id with which uploads of the next life begin. */
  constructor(lookup: UriLookup, ends: readonly (string | undefined)[], isBound: (id: string) => boolean) {
    this.#lookup = lookup
    this.#ends = ends
    this.#isBound = isBound
  }

  /** The segment of the hole at `index`: what came under its name while its run went on, and before it may be of a next one. */
  of({ uri, from, range, namedAt = 0 }: ArchivedEntry, index: number): Bound | undefined {
    const end = this.#ends[index]
    const isOfRun = ({ id }: Version) => id >= from && (end === undefined || id < end)
    const isHere = ({ object }: Version) =>
      object.isOpen !== true && object.size >= (range?.end ?? 0) && object.acceptedAt < namedAt + GAP_MEND_MS
    const found = this.#lookup.find(uri).versions.filter((version) => isOfRun(version) && isHere(version))
    // One body may fill several holes that are ranges of it.
    const late = range === undefined ? found.findLast(({ id }) => !this.#isBound(id)) : found.at(-1)
    return late && { stored: late.object.stored, id: late.id }
  }
}
