import { type Catalog, type Placing, sharesKey } from './catalog.ts'
import type { ArrivingBody, HeldBody } from './custody.ts'
import { ReceiverError } from './errors.ts'
import { MAX_ACCEPTANCES, MAX_ACCEPTANCES_OF_ALL } from './limits.ts'
import type { Host, Journal, JournalWrite } from './ports.ts'
import { type Acceptance, jsonWrite, keys, type StoredObject, toBytes } from './records.ts'
import type { Leaving } from './removal/leaving.ts'
import type { PolicyFor } from './restart-policy.ts'
import type { ChosenName, StoredNames } from './stored-names.ts'
import { baseName, folderOf } from './upload-path.ts'

/** The outcome of placing: a new object, or one that was here with the same bytes. */
export interface Placed {
  readonly object: StoredObject
  readonly isNew: boolean
}

/** What placing needs. */
export interface PlacementParts {
  readonly host: Host
  readonly journal: Journal
  readonly catalog: Catalog
  readonly policyFor: PolicyFor
  readonly names: StoredNames
  readonly leaving: Leaving
}

/** An object that gets a stored name, and what goes into the journal with it. */
interface NewObject {
  readonly object: StoredObject
  readonly acceptances: readonly Acceptance[]
  readonly writes: readonly JournalWrite[]
}

interface Pending {
  readonly acceptances: readonly Acceptance[]
  readonly object: StoredObject
  readonly durable: Promise<void>
}

/** Gives bodies their stored names; nothing that was stored before is changed, unless the policy is to overwrite. */
export class Placement {
  readonly #host: Host
  readonly #journal: Journal
  readonly #catalog: Catalog
  readonly #policyFor: PolicyFor
  /** Placings not durable yet, by journal key of their encoder name and of their stored name. */
  readonly #pendingNames = new Map<string, Pending>()
  readonly #pendingObjects = new Map<string, Pending>()
  readonly #names: StoredNames
  readonly #leaving: Leaving
  /** Names that were given to bodies before they were whole, by their id. */
  readonly #reserved = new Map<string, ChosenName>()
  readonly #reservedNames = new Set<string>()
  /** Objects whose body still arrives, by its id. */
  readonly #open = new Map<string, StoredObject>()

  constructor({ host, journal, catalog, policyFor, names, leaving }: PlacementParts) {
    this.#host = host
    this.#journal = journal
    this.#catalog = catalog
    this.#policyFor = policyFor
    this.#names = names
    this.#leaving = leaving
  }

  /**
   * Gives a whole body its stored name and makes both durable. Resolves when the acknowledgement may be sent. Throws
   * `name-taken` where the policy refuses other bytes.
   */
  async place(at: Placing, body: HeldBody): Promise<Placed> {
    const { size, hash, id } = body
    const open = this.#open.get(id)
    if (open !== undefined) return { object: await this.#close(at, open, size, hash), isNew: true }
    const acceptances = this.#acceptances(at)
    const same = this.#sameBytes(at, acceptances, body)
    if (same !== undefined) return this.#placeAgain(at, acceptances, same, id)
    const made = this.#newObject(at, id, { size, hash, inline: body.bytes !== undefined })
    const { object } = made
    const unstored = { key: keys.unstored(id), value: toBytes(`${at.app}/${object.stored}`) }
    const inline = body.bytes === undefined ? [] : [{ key: keys.body(id), value: body.bytes }]
    await this.#commit(at, made.acceptances, object, [...made.writes, unstored, ...inline])
    return { object, isNew: true }
  }

  /** Gives a body that still arrives the stored name that it will have; undefined where that is not known before it is whole. */
  reserve(at: Placing, id: string): string | undefined {
    const known = this.#open.get(id)?.stored ?? this.#reserved.get(id)?.stored
    if (known !== undefined) return known
    const policy = this.#policyFor(at.app, at.name)
    if (policy === 'overwrite' || policy === 'reject') return undefined
    const chosen = this.#chooseName(at, id)
    this.#reserved.set(id, chosen)
    this.#reservedNames.add(keys.object(at.app, chosen.stored))
    return chosen.stored
  }

  /** A body is placed, or will never be: its reserved name is free for others. */
  release(app: string, id: string): void {
    const chosen = this.#reserved.get(id)
    if (chosen === undefined) return
    this.#reserved.delete(id)
    this.#reservedNames.delete(keys.object(app, chosen.stored))
  }

  /** Whether a stored name is given already, and not durable yet. */
  isPending(app: string, stored: string): boolean {
    const key = keys.object(app, stored)
    return this.#pendingObjects.has(key) || this.#reservedNames.has(key)
  }

  /** Gives a body that still arrives its stored name, and the first `size` bytes, which are durable, to be served. */
  async placeOpen(at: Placing, body: ArrivingBody, size: number): Promise<StoredObject> {
    if (body.isOver) throw new ReceiverError('body-cut')
    const { id } = body
    const known = this.#open.get(id)
    if (known !== undefined) {
      const grown = { ...known, size: Math.max(size, known.size) }
      this.#open.set(id, grown)
      await this.#journal.commit([jsonWrite(keys.object(at.app, grown.stored), grown)])
      return grown
    }
    const made = this.#newObject(at, id, { size, hash: '', inline: false, isOpen: true })
    const { object } = made
    this.#open.set(id, object)
    const mark = { key: keys.open(id), value: toBytes(`${at.app}/${object.stored}`) }
    try {
      await this.#commit(at, made.acceptances, object, [...made.writes, mark])
    } catch (error) {
      this.#open.delete(id)
      throw error
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
    id: string,
    body: Pick<StoredObject, 'size' | 'hash' | 'inline'> & { isOpen?: true },
  ): NewObject {
    const { app, name, owner } = at
    const acceptances = this.#acceptances(at)
    if (acceptances.length > 0 && this.#policyFor(app, name) === 'reject') throw new ReceiverError('name-taken')
    const { stored, replaces, isReplaceable, writes } = this.#reserved.get(id) ?? this.#chooseName(at, id)
    const acceptedAt = this.#host.clock.now()
    const object = { name, stored, id, acceptedAt, owner, ...body, ...(isReplaceable && { isReplaceable }) }
    if (replaces === undefined) return { object, acceptances: added(acceptances, stored, id, owner), writes }
    const old = [keys.unstored(replaces.id), keys.body(replaces.id), keys.versions(app, name)]
    const others = acceptances.filter((each) => each.stored !== stored)
    return {
      object,
      acceptances: added(others, stored, id, owner),
      writes: [...old.map((key) => ({ key, value: null })), ...writes],
    }
  }

  #chooseName(at: Placing, id: string): ChosenName {
    const isReserved = (stored: string) => this.#reservedNames.has(keys.object(at.app, stored))
    return this.#names.next(at, id, (other) => this.#known(at.app, other), isReserved)
  }

  /** Every upload under an encoder name, oldest first, also those that are not durable yet. */
  acceptances(app: string, name: string): readonly Acceptance[] {
    return this.#acceptances({ app, name })
  }

  /** Takes objects that are leaving out of the journal, with all that it has of them; their names are free when it resolves. */
  async forget(app: string, objects: readonly StoredObject[], more: readonly JournalWrite[]): Promise<void> {
    const gone = new Set(objects.map(({ stored }) => stored))
    const names = new Map(objects.map((object) => [object.name, object]))
    const left = [...names].map(([name, object]) => {
      const acceptances = this.#acceptances({ app, name }).filter(({ stored }) => !gone.has(stored))
      return { name, object, acceptances }
    })
    const durable = this.#journal.commit([
      ...objects.flatMap(({ stored, id }) => [keys.object(app, stored), keys.unstored(id), keys.body(id)].map(removed)),
      ...left.flatMap(({ name, acceptances }) => forgottenName(app, name, acceptances)),
      ...more,
    ])
    await Promise.all([
      durable,
      ...left.map(({ name, ...rest }) => this.#awaitNames({ app, name }, { ...rest, durable })),
    ])
  }

  #acceptances(at: Pick<Placing, 'app' | 'name'>): readonly Acceptance[] {
    const pending = this.#pendingNames.get(keys.versions(at.app, at.name))
    return pending?.acceptances ?? this.#catalog.acceptances(at.app, at.name)
  }

  #sameBytes(at: Placing, acceptances: readonly Acceptance[], body: HeldBody): StoredObject | undefined {
    for (const { stored } of acceptances) {
      const object = this.#known(at.app, stored)
      const isSame = object?.hash === body.hash && object.size === body.size && !this.#leaving.has(at.app, stored)
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

  async #commit(
    at: Placing,
    acceptances: readonly Acceptance[],
    object: StoredObject,
    writes: readonly JournalWrite[],
  ): Promise<void> {
    const folder = folderOf(at.name)
    const isPlain = acceptances.length === 1 && acceptances[0]?.stored === at.name
    const durable = this.#journal.commit([
      ...writes,
      ...(isPlain ? [] : [jsonWrite(keys.versions(at.app, at.name), acceptances)]),
      jsonWrite(keys.object(at.app, object.stored), object),
      ...(folder === '' ? [] : [{ key: keys.basename(at.app, baseName(at.name), folder), value: new Uint8Array(0) }]),
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
  async #awaitNames(at: Pick<Placing, 'app' | 'name'>, pending: Pending): Promise<void> {
    const key = keys.versions(at.app, at.name)
    this.#pendingNames.set(key, pending)
    try {
      await pending.durable
    } finally {
      if (this.#pendingNames.get(key) === pending) this.#pendingNames.delete(key)
    }
  }
}

function removed(key: string): JournalWrite {
  return { key, value: null }
}

/** An encoder name as it is written when some of its uploads are gone. */
function forgottenName(app: string, name: string, left: readonly Acceptance[]): JournalWrite[] {
  if (left.length > 0) return [jsonWrite(keys.versions(app, name), left)]
  const folder = folderOf(name)
  const basename = folder === '' ? [] : [removed(keys.basename(app, baseName(name), folder))]
  return [removed(keys.versions(app, name)), ...basename]
}

/** With one more upload: what other streams bring under a name must not push out what this one brought. */
function added(acceptances: readonly Acceptance[], stored: string, id: string, owner: string): readonly Acceptance[] {
  const all = [...acceptances, { stored, id, ...(owner === '' ? {} : { owner }) }]
  const own = all.filter((each) => (each.owner ?? '') === owner)
  const oldest = own.length > MAX_ACCEPTANCES ? own[0] : undefined
  return all.filter((each) => each !== oldest).slice(-MAX_ACCEPTANCES_OF_ALL)
}
