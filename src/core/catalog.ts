import { MAX_FOLDERS_SEARCHED } from './limits.ts'
import type { BodyContent, BodyFiles, Journal } from './ports.ts'
import { type Acceptance, keys, readJson, type StoredObject } from './records.ts'
import type { Leaving } from './removal/leaving.ts'

/** Who placed a body under which encoder name. */
export interface Placing {
  readonly app: string
  /** The encoder name. */
  readonly name: string
  /** The stream whose key was used; empty for a key of the whole app, and without keys. */
  readonly owner: string
}

/** One upload of an object under an encoder name; `id` tells when it began. */
export interface Version {
  readonly object: StoredObject
  readonly id: string
}

/** Which immutable objects came under which encoder name, and under which stored name each is served. */
export class Catalog {
  readonly #journal: Journal
  readonly #files: BodyFiles
  readonly #leaving: Leaving

  constructor(journal: Journal, files: BodyFiles, leaving: Leaving) {
    this.#journal = journal
    this.#files = files
    this.#leaving = leaving
  }

  /** The uploads under an encoder name that a key of this owner may see, oldest first. */
  versions(at: Placing): Version[] {
    return this.acceptances(at.app, at.name).flatMap(({ stored, id }) => {
      const object = this.#leaving.has(at.app, stored) ? undefined : this.object(at.app, stored)
      return object !== undefined && sharesKey(object.owner, at.owner) ? [{ object, id }] : []
    })
  }

  /** The newest object under an encoder name that a key of this owner may see. */
  newest(at: Placing): StoredObject | undefined {
    return this.versions(at).at(-1)?.object
  }

  /**
   * The encoder name in some folder below `folder` that ends with `base` and is wanted; undefined when there is none, or
   * several.
   */
  nameBelow(app: string, folder: string, base: string, isWanted: (name: string) => boolean): string | undefined {
    let found: string | undefined
    let looked = 0
    for (const [key] of this.#journal.entries(keys.basename(app, base, folder))) {
      const name = key.slice(key.indexOf('\u0001') + 1) + base
      const isFound = isWanted(name)
      if (isFound && found !== undefined) return undefined
      if (isFound) found = name
      if (++looked >= MAX_FOLDERS_SEARCHED) return undefined
    }
    return found
  }

  /** Whether a playlist was uploaded to a folder, or to one below. */
  hasPlaylist(app: string, folder: string): boolean {
    for (const _ of this.#journal.entries(keys.playlist(app, folder))) return true
    return false
  }

  /** The object that is served under a stored name. */
  object(app: string, stored: string): StoredObject | undefined {
    return readJson<StoredObject>(this.#journal, keys.object(app, stored))
  }

  /** The bytes of an object as long as this node holds them; null when only the store does. */
  async content(object: StoredObject): Promise<BodyContent | null> {
    if (object.isOpen === true) return this.#files.at(object.id, object.size)
    if (!object.inline) {
      // What was cut off behind its end may be there again after a power loss.
      const isHere = (await this.#files.open(object.id)) !== null
      return isHere ? this.#files.at(object.id, object.size) : null
    }
    const bytes = this.#journal.get(keys.body(object.id))
    return bytes === undefined ? null : contentOf(bytes)
  }

  /** Every upload under an encoder name, oldest first; written down only when it is not just the name itself. */
  acceptances(app: string, name: string): readonly Acceptance[] {
    const written = readJson<Acceptance[]>(this.#journal, keys.versions(app, name))
    if (written !== undefined) return written
    const object = this.object(app, name)
    if (object?.name !== name) return []
    const { id, owner } = object
    return [{ stored: name, id, ...(owner === '' ? {} : { owner }) }]
  }
}

/** Whether an upload brought the bytes that are bound: under the same name others may have taken their place. */
export function isBody({ object }: Version, { stored, id }: { readonly stored: string; readonly id: string }): boolean {
  return object.stored === stored && (object.isReplaceable !== true || object.id <= id)
}

/** A key of a stream sees its own objects and those of its app's keys; a key of the app sees all. */
export function sharesKey(one: string, other: string): boolean {
  return one === '' || other === '' || one === other
}

/** A body that is at hand. */
export function contentOf(bytes: Uint8Array): BodyContent {
  return {
    size: bytes.length,
    bytes,
    async *stream(start = 0, end = bytes.length) {
      yield bytes.subarray(start, end)
    },
  }
}
