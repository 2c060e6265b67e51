import type { RunDates } from './archive/run-dates.ts'
import { type Placing, sharesKey } from './catalog.ts'
import { extensionOf, fileKind } from './file-kind.ts'
import { FreeNames } from './free-name.ts'
import { formatName, parseName } from './names.ts'
import type { Clock, JournalWrite } from './ports.ts'
import type { StoredObject } from './records.ts'
import type { PolicyFor } from './restart-policy.ts'
import { baseName, folderOf } from './upload-path.ts'

/** What names are chosen by. */
export interface StoredNamesParts {
  readonly clock: Clock
  readonly policyFor: PolicyFor
  readonly dates: RunDates
  /** Whether the store has a name that is not of this receiver. */
  isTaken(app: string, stored: string): boolean
  /** Whether a file that was made of a recording has it, or had. */
  isProduct(app: string, stored: string): boolean
  /** Whether one that is to be made has it already, which is not durable yet. */
  isGiven(app: string, stored: string): boolean
  /** Whether an object is being removed: nothing may take its place before it is gone. */
  isLeaving(app: string, stored: string): boolean
  /** Whether a name is this receiver's to give: others that share the store give others. */
  isOwn(app: string, stored: string): boolean
}

/** A stored name, and what goes into the journal with it. */
export interface ChosenName {
  readonly stored: string
  /** The object that has the name, and loses it. */
  readonly replaces?: StoredObject
  /** Another may take its place later. */
  readonly isReplaceable?: true
  readonly writes: readonly JournalWrite[]
}

interface DatedName {
  readonly name: string
  readonly writes: readonly JournalWrite[]
  /** No other receiver names a run by this moment. */
  readonly isOwn?: true
}

/** Chooses the stored names of new objects, as the restart policy says. */
export class StoredNames {
  readonly #parts: StoredNamesParts
  readonly #freeNames = new FreeNames()

  constructor(parts: StoredNamesParts) {
    this.#parts = parts
  }

  /** The name for the upload `id`; `known` gives the object that has a name, which may also be kept for another upload. */
  next(
    at: Placing,
    id: string,
    known: (stored: string) => StoredObject | undefined,
    isReserved: (stored: string) => boolean,
  ): ChosenName {
    const plain = publicName(at.name, id)
    const isGiven = (name: string) => this.#parts.isGiven(at.app, name)
    const isTaken = (name: string) =>
      known(name) !== undefined || isReserved(name) || isGiven(name) || this.#parts.isTaken(at.app, name)
    const isProduct = (name: string) => isGiven(name) || this.#parts.isProduct(at.app, name)
    const policy = this.#parts.policyFor(at.app, at.name)
    if (policy === 'overwrite' && this.#parts.isOwn(at.app, plain) && !isProduct(plain)) {
      const replaces = known(plain)
      if (replaces === undefined) return { stored: plain, isReplaceable: true, writes: [] }
      if (mayReplace(at, replaces) && !this.#parts.isLeaving(at.app, plain))
        return { stored: plain, replaces, isReplaceable: true, writes: [] }
    }
    const dated = policy === 'addDateTimeToHlsFileName' ? this.#dated(at, plain, isTaken) : { name: plain, writes: [] }
    const stored = this.#freeNames.next(at.app, dated.name, isTaken)
    // Nobody else gives a name with this id.
    const isOwn = dated.isOwn === true || plain !== at.name || this.#parts.isOwn(at.app, stored)
    return { stored: isOwn ? stored : withId(plain, id), writes: dated.writes }
  }

  /** With the date-time of its run: a new one begins with the first segment whose name is taken in the run before. */
  #dated({ app, name }: Placing, plain: string, isTaken: (name: string) => boolean): DatedName {
    const { dateTime: own, ...parts } = parseName(baseName(plain))
    if (own !== undefined) return { name: plain, writes: [] }
    const { dates, clock } = this.#parts
    const nameIn = (dateTime: string) => folderOf(plain) + formatName({ ...parts, dateTime })
    const newest = dates.newest(app, name)
    const isOver = newest !== undefined && isNumbered(plain) && isTaken(nameIn(newest.dateTime))
    if (newest !== undefined && !isOver) return { name: nameIn(newest.dateTime), writes: [], isOwn: true }
    const { date, write } = dates.begin(app, name, clock.now())
    return { name: nameIn(date.dateTime), writes: [write], isOwn: true }
  }
}

/** Init sections and keys come again within a run, too. */
function isNumbered(name: string): boolean {
  return fileKind(name) === 'segment' && parseName(baseName(name)).number !== undefined
}

/** Only a file of the same name and key, and not while it arrives. */
function mayReplace({ name, owner }: Placing, object: StoredObject): boolean {
  return object.name === name && object.isOpen !== true && sharesKey(object.owner, owner)
}

/** The encoder name without its query, where a token may stand; the id keeps such names apart. */
function publicName(name: string, id: string): string {
  const queryAt = name.indexOf('?')
  return queryAt < 0 ? name : withId(name.slice(0, queryAt), id, extensionOf(name))
}

function withId(name: string, id: string, extension = extensionOf(name)): string {
  return `${name.slice(0, name.length - extensionOf(name).length - 1)}-${id}.${extension}`
}
