import type { HeldBody } from './custody.ts'
import { contentTypeOf, extensionOf } from './file-kind.ts'
import { MAX_FOLDERS_SEARCHED } from './limits.ts'
import { withSuffix } from './names.ts'
import type { BodyContent, BodyFiles, Host, Journal, JournalWrite } from './ports.ts'
import { jsonWrite, keys, readJson, type StoredObject, toBytes } from './records.ts'
import { baseName, folderOf } from './upload-path.ts'

/** Who placed a body under which encoder name. */
export interface Placing {
  readonly app: string
  /** The encoder name. */
  readonly name: string
  /** The stream whose key was used; empty for a key of the whole app, and without keys. */
  readonly owner: string
}

/** The outcome of placing: a new object, or one that was here with the same bytes. */
export interface Placed {
  readonly object: StoredObject
  readonly isNew: boolean
}

interface Pending {
  readonly names: readonly string[]
  readonly object: StoredObject
  readonly durable: Promise<void>
}

/** Which immutable objects came under which encoder name, and under which stored name each is served. */
export class Catalog {
  readonly #host: Host
  readonly #journal: Journal
  readonly #files: BodyFiles
  /** Placings not durable yet, by journal key of their encoder name and of their stored name. */
  readonly #pendingVersions = new Map<string, Pending>()
  readonly #pendingObjects = new Map<string, Pending>()

  constructor(host: Host, journal: Journal, files: BodyFiles) {
    this.#host = host
    this.#journal = journal
    this.#files = files
  }

  /**
   * Gives a body its stored name and makes both durable: the encoder name itself where it is free, else with a suffix.
   * Nothing stored before is ever changed. Resolves when the acknowledgement may be sent.
   */
  async place(at: Placing, body: HeldBody): Promise<Placed> {
    const key = keys.versions(at.app, at.name)
    const pending = this.#pendingVersions.get(key)
    const names = pending?.names ?? this.#names(at)
    const same = this.#sameBytes(at, names, body)
    if (same !== undefined) return this.#placeAgain(at, names, same, pending)
    const object: StoredObject = {
      name: at.name,
      stored: this.#freeName(at, names.length, body.id),
      id: body.id,
      size: body.size,
      hash: body.hash,
      acceptedAt: this.#host.clock.now(),
      owner: at.owner,
      inline: body.bytes !== undefined,
    }
    await this.#commit(at, [...names, object.stored], object, this.#bodyWrites(at, object, body))
    return { object, isNew: true }
  }

  /** The newest object under an encoder name that a key of this owner may see. */
  newest(at: Placing): StoredObject | undefined {
    const names = this.#names(at)
    for (let index = names.length - 1; index >= 0; index--) {
      const object = this.object(at.app, names[index] ?? '')
      if (object !== undefined && sharesKey(object.owner, at.owner)) return object
    }
    return undefined
  }

  /**
   * The newest object called `base` in some folder below `folder` that a key of this owner may see; undefined when there
   * is none, or in several folders.
   */
  newestBelow(app: string, folder: string, base: string, owner: string): StoredObject | undefined {
    let found: StoredObject | undefined
    let looked = 0
    for (const [key] of this.#journal.entries(keys.basename(app, base, folder))) {
      const below = key.slice(key.indexOf('\u0001') + 1)
      const object = this.newest({ app, name: below + base, owner })
      if (object !== undefined && found !== undefined) return undefined
      found ??= object
      if (++looked >= MAX_FOLDERS_SEARCHED) return undefined
    }
    return found
  }

  /** The object that is served under a stored name. */
  object(app: string, stored: string): StoredObject | undefined {
    return readJson<StoredObject>(this.#journal, keys.object(app, stored))
  }

  /** The bytes of an object as long as this node holds them; null when only the store does. */
  async content(object: StoredObject): Promise<BodyContent | null> {
    if (!object.inline) return this.#files.open(object.id)
    const bytes = this.#journal.get(keys.body(object.id))
    return bytes === undefined ? null : contentOf(bytes)
  }

  /** Stored names under an encoder name, oldest first; written down only when they are not just the name itself. */
  #names(at: Placing): readonly string[] {
    const written = readJson<string[]>(this.#journal, keys.versions(at.app, at.name))
    if (written !== undefined) return written
    return this.object(at.app, at.name)?.name === at.name ? [at.name] : []
  }

  #sameBytes(at: Placing, names: readonly string[], body: HeldBody): StoredObject | undefined {
    for (const stored of names) {
      const object = this.#known(at.app, stored)
      const isSame = object?.hash === body.hash && object.size === body.size
      if (isSame && sharesKey(object.owner, at.owner)) return object
    }
    return undefined
  }

  async #placeAgain(
    at: Placing,
    names: readonly string[],
    object: StoredObject,
    pending: Pending | undefined,
  ): Promise<Placed> {
    // The first bringer of these bytes may still wait for its own commit, which may yet fail.
    const first = this.#pendingObjects.get(keys.object(at.app, object.stored))?.durable
    if (names.at(-1) !== object.stored) {
      const reordered = [...names.filter((name) => name !== object.stored), object.stored]
      await Promise.all([first, this.#commitNames(at, reordered, object)])
    } else await Promise.all([first, pending?.durable])
    return { object, isNew: false }
  }

  #known(app: string, stored: string): StoredObject | undefined {
    return this.#pendingObjects.get(keys.object(app, stored))?.object ?? this.object(app, stored)
  }

  #freeName(at: Placing, taken: number, id: string): string {
    const plain = publicName(at.name, id)
    let candidate = plain
    for (let suffix = Math.max(taken, 1); this.#known(at.app, candidate) !== undefined; suffix++) {
      candidate = folderOf(plain) + withSuffix(baseName(plain), suffix)
    }
    return candidate
  }

  #bodyWrites(at: Placing, object: StoredObject, body: HeldBody): JournalWrite[] {
    const folder = folderOf(at.name)
    return [
      jsonWrite(keys.object(at.app, object.stored), object),
      { key: keys.unstored(object.id), value: toBytes(`${at.app}/${object.stored}`) },
      ...(body.bytes === undefined ? [] : [{ key: keys.body(object.id), value: body.bytes }]),
      ...(folder === '' ? [] : [{ key: keys.basename(at.app, baseName(at.name), folder), value: new Uint8Array(0) }]),
    ]
  }

  async #commit(
    at: Placing,
    names: readonly string[],
    object: StoredObject,
    writes: readonly JournalWrite[],
  ): Promise<void> {
    const isPlain = names.length === 1 && names[0] === at.name
    const named = isPlain ? [] : [jsonWrite(keys.versions(at.app, at.name), names)]
    const pending: Pending = { names, object, durable: this.#journal.commit([...named, ...writes]) }
    const objectKey = keys.object(at.app, object.stored)
    this.#pendingObjects.set(objectKey, pending)
    try {
      await this.#awaitNames(at, pending)
    } finally {
      if (this.#pendingObjects.get(objectKey) === pending) this.#pendingObjects.delete(objectKey)
    }
  }

  async #commitNames(at: Placing, names: readonly string[], object: StoredObject): Promise<void> {
    const durable = this.#journal.commit([jsonWrite(keys.versions(at.app, at.name), names)])
    await this.#awaitNames(at, { names, object, durable })
  }

  /** Others that come under the same name meanwhile count on its names. */
  async #awaitNames(at: Placing, pending: Pending): Promise<void> {
    const key = keys.versions(at.app, at.name)
    this.#pendingVersions.set(key, pending)
    try {
      await pending.durable
    } finally {
      if (this.#pendingVersions.get(key) === pending) this.#pendingVersions.delete(key)
    }
  }
}

/** A key of a stream sees its own objects and those of its app's keys; a key of the app sees all. */
function sharesKey(one: string, other: string): boolean {
  return one === '' || other === '' || one === other
}

/** The encoder name without its query, where a token may stand; the id keeps such names apart. */
function publicName(name: string, id: string): string {
  const queryAt = name.indexOf('?')
  if (queryAt < 0) return name
  const path = name.slice(0, queryAt)
  const stem = path.slice(0, path.length - extensionOf(path).length - 1)
  return `${stem}-${id}.${extensionOf(name)}`
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

/** How a stored object is to be put into a store. */
export function putOptions(stored: string): { contentType: string; cacheControl: string } {
  return { contentType: contentTypeOf(stored), cacheControl: 'public, max-age=31536000, immutable' }
}
