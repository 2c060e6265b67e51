import type { Random } from '../../support/random.ts'
import { Agenda } from './agenda.ts'
import type { Resource } from './reference-model.ts'
import { type Fate, type GrowingBody, hashOf, type Sender } from './sending.ts'

/** Where one encoder plans its uploads, and counts those that are not over. */
export class Post {
  readonly random: Random
  readonly agenda = new Agenda()
  readonly sender: Sender
  #flying = 0
  /** What was sent under each name in this life, and last in those before. */
  #names = new Map<string, Resource>()
  #before = new Map<string, Resource>()
  /** Whether a file has come again, which shows everybody that the encoder was started again. */
  #isTold = false

  constructor(random: Random, sender: Sender) {
    this.random = random
    this.sender = sender
  }

  /** Whether nothing is planned, and nothing on its way. */
  get isIdle(): boolean {
    return this.#flying === 0 && this.agenda.nextAt === Number.POSITIVE_INFINITY
  }

  /** Another life of the encoder begins: names come again. */
  begin(): void {
    this.#before = new Map([...this.#before, ...this.#names])
    this.#names = new Map()
    this.#isTold = false
  }

  /** Plans an upload of a body that may stand for a resource. */
  resource(name: string, bytes: Uint8Array, at: number, resource: Resource, fate: Fate = {}): void {
    const hash = hashOf(bytes)
    resource.hashes.add(hash)
    this.#names.set(name, resource)
    const before = this.#before.get(name)
    this.put(name, bytes, at, {
      ...fate,
      sent: () => {
        if (before !== undefined && before.readyAt === undefined && !this.#isTold) before.alike.add(hash)
      },
      acknowledged: (now) => {
        resource.readyAt ??= now
        if (before?.readyAt !== undefined) this.#isTold = true
      },
    })
  }

  /** Plans an upload that is complete, or cut somewhere. */
  put(name: string, bytes: Uint8Array, at: number, fate: Fate & { sent?(at: number): void } = {}, isCut = false): void {
    this.agenda.add(at, (now) => {
      fate.sent?.(now)
      this.sender.send(name, bytes, now, this.#counted(fate), isCut)
    })
  }

  /** Begins the upload of a body that grows. */
  grow(name: string, body: GrowingBody, at: number, fate: Fate): void {
    this.sender.stream(name, (world) => body.source(world), at, this.#counted(fate))
  }

  /** A number of milliseconds between two. */
  ms([least, most]: readonly [number, number]): number {
    return this.random.whole(least, most)
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
