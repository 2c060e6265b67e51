import { type Catalog, type Placing, sharesKey } from './catalog.ts'
import type { ArrivingBody, HeldBody } from './custody.ts'
import { ReceiverError } from './errors.ts'
import { extensionOf } from './file-kind.ts'
import { FreeNames } from './free-name.ts'
import { MAX_ACCEPTANCES, MAX_ACCEPTANCES_OF_ALL } from './limits.ts'
import type { Host, Journal, JournalWrite } from './ports.ts'
import { type Acceptance, jsonWrite, keys, type StoredObject, toBytes } from './records.ts'
import type { PolicyFor } from './restart-policy.ts'
import { baseName, folderOf } from './upload-path.ts'

/** The outcome of placing: a new object, or one that was here with the same bytes. */
export interface Placed {
  readonly object: StoredObject
  readonly isNew: boolean
}

interface Pending {
  readonly acceptances: readonly Acceptance[]
  readonly object: StoredObject
  readonly durable: Promise<void>
}

/** Gives bodies their stored names; nothing that was stored before is ever changed. */
export class Placement {
  readonly #host: Host
  readonly #journal: Journal
  readonly #catalog: Catalog
  readonly #policyFor: PolicyFor
  /** Placings not durable yet, by journal key of their encoder name and of their stored name. */
  readonly #pendingNames = new Map<string, Pending>()
  readonly #pendingObjects = new Map<string, Pending>()
  readonly #freeNames = new FreeNames()
  /** Objects whose body still arrives, by its id. */
  readonly #open = new Map<string, StoredObject>()

  constructor(host: Host, journal: Journal, catalog: Catalog, policyFor: PolicyFor) {
    this.#policyFor = policyFor
    this.#host = host
    this.#journal = journal
    this.#catalog = catalog
  }

  /**
   * Gives a whole body its stored name and makes both durable: the encoder name itself where it is free, else one
   * like it. Resolves when the acknowledgement may be sent. Throws `name-taken` where the policy refuses other bytes.
   */
  async place(at: Placing, body: HeldBody): Promise<Placed> {
    const { size, hash, id } = body
    const open = this.#open.get(id)
    if (open !== undefined) return { object: await this.#close(at, open, size, hash), isNew: true }
    const acceptances = this.#acceptances(at)
    const same = this.#sameBytes(at, acceptances, body)
    if (same !== undefined) return this.#placeAgain(at, acceptances, same, id)
    const object = this.#newObject(at, body, { size, hash, inline: body.bytes !== undefined })
    const unstored = { key: keys.unstored(id), value: toBytes(`${at.app}/${object.stored}`) }
    const inline = body.bytes === undefined ? [] : [{ key: keys.body(id), value: body.bytes }]
    await this.#commit(at, added(acceptances, object.stored, id, at.owner), object, [unstored, ...inline])
    return { object, isNew: true }
  }

  /** Gives a body that still arrives its stored name, and the first `size` bytes, which are durable, to be served. */
  async placeOpen(at: Placing, body: ArrivingBody, size: number): Promise<StoredObject> {
    if (body.isOver) throw new ReceiverError('body-cut')
    const { id } = body
    const known = this.#open.get(id)
    const object: StoredObject = known
      ? { ...known, size: Math.max(size, known.size) }
      : this.#newObject(at, body, { size, hash: '', inline: false, isOpen: true })
    this.#open.set(id, object)
    const mark = { key: keys.open(id), value: toBytes(`${at.app}/${object.stored}`) }
    if (known !== undefined) await this.#journal.commit([jsonWrite(keys.object(at.app, object.stored), object)])
    else {
      await this.#commit(at, added(this.#acceptances(at), object.stored, id, at.owner), object, [mark]).catch(
        (error: unknown) => {
          this.#open.delete(id)
          throw error
        },
      )
    }
    return object
  }

  /** Makes what was served of a cut body an object like others. */
  async closeCut(app: string, open: StoredObject, hash: string): Promise<StoredObject> {
    return this.#close({ app, name: open.name, owner: open.owner }, open, open.size, hash)
  }

  /** The object of a body that still arrives, or did when the receiver stopped; undefined when nothing of it is served. */
  open(id: string): StoredObject | undefined {
    return this.#open.get(id)
  }

  async #close(at: Placing, open: StoredObject, size: number, hash: string): Promise<StoredObject> {
    const { isOpen: _, ...rest } = open
    const object: StoredObject = { ...rest, size, hash }
    // Its own first commit may fail yet; then its name is written down here.
    await this.#pendingObjects.get(keys.object(at.app, open.stored))?.durable.catch(() => undefined)
    const acceptances = this.#acceptances(at)
    const isNamed = acceptances.some(({ id }) => id === open.id)
    await this.#commit(at, isNamed ? acceptances : added(acceptances, open.stored, open.id, at.owner), object, [
      { key: keys.open(open.id), value: null },
      { key: keys.unstored(open.id), value: toBytes(`${at.app}/${open.stored}`) },
    ])
    this.#open.delete(open.id)
    return object
  }

  /** Throws `name-taken` where a second file under a name is refused. */
  #newObject(
    at: Placing,
    { id }: { id: string },
    body: Pick<StoredObject, 'size' | 'hash' | 'inline'> & { isOpen?: true },
  ): StoredObject {
    const { app, name, owner } = at
    if (this.#acceptances(at).length > 0 && this.#policyFor(app, name) === 'reject')
      throw new ReceiverError('name-taken')
    return { name, stored: this.#freeName(at, id), id, acceptedAt: this.#host.clock.now(), owner, ...body }
  }

  #acceptances(at: Placing): readonly Acceptance[] {
    const pending = this.#pendingNames.get(keys.versions(at.app, at.name))
    return pending?.acceptances ?? this.#catalog.acceptances(at.app, at.name)
  }

  #sameBytes(at: Placing, acceptances: readonly Acceptance[], body: HeldBody): StoredObject | undefined {
    for (const { stored } of acceptances) {
      const object = this.#known(at.app, stored)
      const isSame = object?.hash === body.hash && object.size === body.size
      if (isSame && sharesKey(object.owner, at.owner)) return object
    }
    return undefined
  }

  /** The same bytes again: that they came is written down, since a new run may begin with them. */
  async #placeAgain(
    at: Placing,
    acceptances: readonly Acceptance[],
    object: StoredObject,
    id: string,
  ): Promise<Placed> {
    // The first bringer of these bytes may still wait for its own commit, which may yet fail.
    const first = this.#pendingObjects.get(keys.object(at.app, object.stored))?.durable
    const again = added(acceptances, object.stored, id, at.owner)
    const durable = this.#journal.commit([jsonWrite(keys.versions(at.app, at.name), again)])
    await Promise.all([first, this.#awaitNames(at, { acceptances: again, object, durable })])
    return { object, isNew: false }
  }

  #known(app: string, stored: string): StoredObject | undefined {
    return this.#pendingObjects.get(keys.object(app, stored))?.object ?? this.#catalog.object(app, stored)
  }

  #freeName(at: Placing, id: string): string {
    return this.#freeNames.next(at.app, publicName(at.name, id), (name) => this.#known(at.app, name) !== undefined)
  }

  async #commit(
    at: Placing,
    acceptances: readonly Acceptance[],
    object: StoredObject,
    writes: readonly JournalWrite[],
  ): Promise<void> {
    const folder = folderOf(at.name)
    const isPlain = acceptances.length === 1 && acceptances[0]?.stored === at.name
    const durable = this.#journal.commit([
      ...(isPlain ? [] : [jsonWrite(keys.versions(at.app, at.name), acceptances)]),
      jsonWrite(keys.object(at.app, object.stored), object),
      ...(folder === '' ? [] : [{ key: keys.basename(at.app, baseName(at.name), folder), value: new Uint8Array(0) }]),
      ...writes,
    ])
    const pending: Pending = { acceptances, object, durable }
    const objectKey = keys.object(at.app, object.stored)
    this.#pendingObjects.set(objectKey, pending)
    try {
      await this.#awaitNames(at, pending)
    } finally {
      if (this.#pendingObjects.get(objectKey) === pending) this.#pendingObjects.delete(objectKey)
    }
  }

  /** Others that come under the same name meanwhile count on what came before them. */
  async #awaitNames(at: Placing, pending: Pending): Promise<void> {
    const key = keys.versions(at.app, at.name)
    this.#pendingNames.set(key, pending)
    try {
      await pending.durable
    } finally {
      if (this.#pendingNames.get(key) === pending) this.#pendingNames.delete(key)
    }
  }
}

/** With one more upload: what other streams bring under a name must not push out what this one brought. */
function added(acceptances: readonly Acceptance[], stored: string, id: string, owner: string): readonly Acceptance[] {
  const all = [...acceptances, { stored, id, ...(owner === '' ? {} : { owner }) }]
  const own = all.filter((each) => (each.owner ?? '') === owner)
  const oldest = own.length > MAX_ACCEPTANCES ? own[0] : undefined
  return all.filter((each) => each !== oldest).slice(-MAX_ACCEPTANCES_OF_ALL)
}

/** The encoder name without its query, where a token may stand; the id keeps such names apart. */
function publicName(name: string, id: string): string {
  const queryAt = name.indexOf('?')
  if (queryAt < 0) return name
  const path = name.slice(0, queryAt)
  const stem = path.slice(0, path.length - extensionOf(path).length - 1)
  return `${stem}-${id}.${extensionOf(name)}`
}
