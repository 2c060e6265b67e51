import type { Random } from '../../support/random.ts'
import { Agenda } from './agenda.ts'
import type { EndedStream } from './ended-stream.ts'
import type { Happening } from './happenings.ts'
import { type Fate, type GrowingBody, hashOf, type Sender } from './sending.ts'
import type { Resource } from './truth.ts'

/** How long a list is on its way that nobody waits for, in ms. */
const LINGER_MS = [500, 9_000] as const

/** Where one encoder plans its uploads, and counts those that are not over. */
export class Post {
  readonly random: Random
  readonly agenda = new Agenda()
  readonly sender: Sender
  #flying = 0
  /** What was sent under each name in this life, and last in those before. */
  #names = new Map<string, Resource>()
  #before = new Map<string, Resource>()
  /** SHA-256 of what was sent under each name since the last playlist that came. */
  readonly #unheard = new Map<string, string[]>()
  /** The same at the end of the life before: nobody can tell it from what this life sends. */
  #left = new Map<string, readonly string[]>()
  /** The same of what may have stayed when its stream was removed. */
  readonly #strays = new Map<string, readonly string[]>()
  #isHeard = false
  /** How often the receiver had been gone when this life asked for its words; undefined: nothing tells it from the one before. */
  #toldAt: number | undefined
  /** Whether a file has come again, which shows everybody that the encoder was started again. */
  #isTold = false
  /** The stream that its uploads are of, and the folder that they lie in. */
  #stream: EndedStream | undefined
  #folder = ''

  constructor(random: Random, sender: Sender) {
    this.random = random
    this.sender = sender
  }

  /** Uploads are of a stream from now on, whose playlist this is. */
  watchFor(stream: EndedStream, playlist: string): void {
    this.#stream = stream
    this.#folder = folderOf(playlist)
  }

  /** What was sent in former lives is gone; `isAll`: in this one, too. What lies in another folder, and no list named, is not. */
  forget(isAll: boolean): void {
    const gone = [...this.#before, ...(isAll ? this.#names : [])]
    for (const [name, { hashes }] of gone.filter(([each]) => folderOf(each) !== this.#folder))
      this.#strays.set(name, [...(this.#strays.get(name) ?? []), ...hashes])
    this.#before.clear()
    this.#left.clear()
    if (!isAll) return
    this.#names.clear()
    this.#unheard.clear()
  }

  /** Draws whether something happens, and takes note of it. */
  happens(rate: number, what: Happening): boolean {
    const isSo = this.random.next() < rate
    if (isSo) this.sender.happened.add(what)
    return isSo
  }

  /** Whether nothing is planned, and nothing on its way. */
  get isIdle(): boolean {
    return this.#flying === 0 && this.agenda.isDone
  }

  /** Another life of the encoder begins: names come again. One that goes on behind one that was heard has asked for its words since. */
  begin(goesOn: boolean): void {
    this.#left = new Map(this.#unheard)
    this.#toldAt = goesOn && this.#isHeard ? this.sender.losses : undefined
    if (!this.#isHeard) this.#leave()
    this.#isHeard = false
    this.#before = new Map([...this.#before, ...this.#names])
    this.#names = new Map()
    this.#isTold = false
  }

  /** A life of which no playlist came: its files may stand for those that the life before lacks. */
  #leave(): void {
    for (const [name, { hashes }] of this.#names) {
      const before = this.#before.get(name)
      if (before?.readyAt === undefined) for (const hash of hashes) before?.alike.add(hash)
    }
  }

  /** Takes note of a resource whose upload does not come. */
  keep(name: string, resource: Resource): void {
    // That it asked may be forgotten when the power fails.
    const isTold = this.#toldAt === this.sender.losses
    for (const hash of isTold ? [] : (this.#left.get(name) ?? [])) resource.alike.add(hash)
    for (const hash of this.#strays.get(name) ?? []) resource.alike.add(hash)
    this.#names.set(name, resource)
  }

  /** A playlist was acknowledged: what was sent before it does not belong to a later life. */
  heard(): void {
    this.#isHeard = true
    this.#unheard.clear()
  }

  /** When a resource does not come, what a life before sent under its name may stand for it. */
  standIn(name: string, resource: Resource): void {
    for (const hash of this.#before.get(name)?.hashes ?? []) resource.alike.add(hash)
  }

  /** Plans an upload of a body that may stand for a resource. */
  resource(name: string, bytes: Uint8Array, at: number, resource: Resource, fate: Fate = {}): void {
    const hash = hashOf(bytes)
    resource.hashes.add(hash)
    const twin = this.#names.get(name)
    this.keep(name, resource)
    const before = this.#before.get(name)
    this.put(name, bytes, at, {
      ...fate,
      sent: () => {
        this.#unheard.set(name, [...(this.#unheard.get(name) ?? []), hash])
        if (twin?.isTaken === true) twin.alike.add(hash)
        if (before === undefined || this.#isTold || (before.readyAt !== undefined && !before.isTaken)) return
        before.alike.add(hash)
        resource.isTaken = true
      },
      acknowledged: (now) => {
        resource.readyAt ??= now
        // One that stands in the life before it tells nothing of its own.
        if (before?.readyAt !== undefined && !before.isTaken) this.#isTold = true
      },
    })
  }

  /** Plans an upload that is complete, or cut somewhere. */
  put(name: string, bytes: Uint8Array, at: number, fate: Fate & { sent?(at: number): void } = {}, isCut = false): void {
    this.agenda.add(at, (now) => {
      fate.sent?.(now)
      this.sender.send(name, bytes, now, this.#watched(name, now, this.#counted(fate)), isCut)
    })
  }

  /** Begins the upload of a body that grows. */
  grow(name: string, body: GrowingBody, at: number, fate: Fate): void {
    this.sender.stream(name, (world) => body.source(world), at, this.#watched(name, at, this.#counted(fate)))
  }

  /** Begins an upload at `at` that ends by and by, while nobody waits for it. */
  linger(name: string, body: GrowingBody, at: number, fate: Fate & { sent?(at: number): void }): void {
    this.agenda.add(at, (now) => {
      fate.sent?.(now)
      this.sender.stream(name, (world) => body.source(world), now, this.#watched(name, now, fate))
      this.agenda.add(now + this.ms(LINGER_MS), () => body.end('whole'), true)
    })
  }

  /** A number of milliseconds between two. */
  ms([least, most]: readonly [number, number]): number {
    return this.random.whole(least, most)
  }

  /** An upload begins: its stream is told, unless it lies in another folder. */
  #watched(name: string, at: number, fate: Fate): Fate {
    const stream = this.#stream
    if (stream === undefined || folderOf(name) !== this.#folder || this.sender.line === undefined) return fate
    stream.begin(at)
    return {
      acknowledged: (now) => {
        stream.end(now)
        fate.acknowledged?.(now)
      },
      lost: (now) => {
        stream.end(now)
        fate.lost?.(now)
      },
    }
  }

  #counted(fate: Fate): Fate {
    this.#flying++
    return {
      acknowledged: (at) => {
        this.#flying--
        fate.acknowledged?.(at)
      },
      lost: (at) => {
        this.#flying--
        fate.lost?.(at)
      },
    }
  }
}

function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1)
}
