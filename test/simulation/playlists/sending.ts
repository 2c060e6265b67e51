import { createHash } from 'node:crypto'
import { ReceiverError } from '../../../src/core/errors.ts'
import type { BodySource } from '../../../src/core/ports.ts'
import type { Receiver } from '../../../src/core/receiver.ts'
import type { TimedWorld } from '../world/timed-world.ts'
import type { Happening } from './happenings.ts'

/** The app that everything is sent to. */
export const APP = 'live'
const PIECE_BYTES = 48 * 1024

/** The way to a life of the receiver, as long as it runs. */
export interface Line {
  readonly world: TimedWorld
  readonly receiver: Receiver
}

/** How an upload is told what became of it; at most one is called. */
export interface Fate {
  /** The receiver has acknowledged it. */
  acknowledged?(at: number): void
  /** It was refused, cut, or the receiver ended. */
  lost?(at: number): void
}

/** SHA-256 of some bytes, shortened: these need not withstand anybody. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

/** Uploads in all lives of the receiver, and how many of them are not over. */
export class Sender {
  #line: Line | undefined
  #losses = 0
  readonly #open = new Set<Fate>()
  /** Answers that no upload should ever get. */
  readonly faults: string[] = []
  /** Entries whose files were deleted. */
  readonly deleted = new Set<string>()
  /** What has happened so far. */
  readonly happened = new Set<Happening>()

  /** Sends to another life from now on, or to nobody: then all that is not over is lost. */
  connect(line: Line | undefined, at: number): void {
    this.#line = line
    if (line !== undefined) return
    this.#losses++
    for (const fate of [...this.#open]) {
      this.#open.delete(fate)
      fate.lost?.(at)
    }
  }

  /** How often the receiver was gone. */
  get losses(): number {
    return this.#losses
  }

  /** The way to the receiver; undefined while it does not run. */
  get line(): Line | undefined {
    return this.#line
  }

  /** Whether nothing is on its way. */
  get isIdle(): boolean {
    return this.#open.size === 0
  }

  /** Sends a body that is complete, or cuts it somewhere. */
  send(name: string, bytes: Uint8Array, at: number, fate: Fate = {}, isCut = false): void {
    this.stream(name, (world) => wholeBody(world, bytes, isCut), at, fate)
  }

  /** Sends a DELETE; true when somebody is there to hear it. */
  delete(name: string): boolean {
    if (this.#line === undefined) return false
    this.#line.receiver.delete({ app: APP, name, owner: '' }).catch((error: unknown) => {
      if (isFault(error)) this.faults.push(`P1: DELETE of ${name} was answered with ${describe(error)}`)
    })
    this.happened.add('delete')
    return true
  }

  /** Sends AMS's message that a stream is over. */
  finish(stream: string, acknowledged: (at: number) => void): void {
    const line = this.#line
    if (line === undefined) return
    const { world, receiver } = line
    const streamId = stream.slice(stream.lastIndexOf('/') + 1)
    const message = { streamId, filePath: `streams/${stream}`, command: 'publish_finished' }
    const body = wholeBody(world, new TextEncoder().encode(JSON.stringify(message)), false)
    receiver.endOfStream(APP, '', body).then(
      () => void (this.#line === line && acknowledged(world.clock.now())),
      (error: unknown) => {
        if (isFault(error)) this.faults.push(`P1: the end of ${stream} was answered with ${describe(error)}`)
      },
    )
  }

  /** Sends a body whose pieces come by and by. */
  stream(name: string, source: (world: TimedWorld) => BodySource, at: number, fate: Fate): void {
    const line = this.#line
    if (line === undefined) {
      fate.lost?.(at)
      return
    }
    this.#open.add(fate)
    const { world, receiver } = line
    const isOver = () => !this.#open.delete(fate)
    receiver.upload({ app: APP, name, owner: '' }, source(world)).then(
      () => void (isOver() || fate.acknowledged?.(world.clock.now())),
      (error: unknown) => {
        if (!isOver()) fate.lost?.(world.clock.now())
        if (isFault(error)) this.faults.push(`P1: ${name} was answered with ${describe(error)}`)
      },
    )
  }
}

/** Whether an upload failed for another reason than its own. The error may be of a copy of the core: of another class. */
function isFault(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'ReceiverError') return true
  return 'code' in error && error.code === 'internal-error' && !(error.cause instanceof ReceiverError)
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

function wholeBody(world: TimedWorld, bytes: Uint8Array, isCut: boolean): BodySource {
  return {
    declaredBytes: undefined,
    async read(take) {
      const end = isCut ? world.random.whole(0, bytes.length - 1) : bytes.length
      for (let at = 0; at < end; at += PIECE_BYTES) {
        await world.turn()
        await take(bytes.slice(at, Math.min(at + PIECE_BYTES, end)))
      }
      await world.turn()
      if (isCut) throw new ReceiverError('body-cut')
    },
  }
}

/** A body that is written while it is sent: the single file of a whole run. */
export class GrowingBody {
  readonly #pieces: { readonly bytes: Uint8Array; readonly taken: (at: number) => void }[] = []
  #wake: () => void = () => {}
  #end: 'open' | 'whole' | 'cut' = 'open'

  /** Adds bytes; `taken` is called when the receiver has them. */
  write(bytes: Uint8Array, taken: (at: number) => void): void {
    this.#pieces.push({ bytes, taken })
    this.#wake()
  }

  /** Ends the body after what was added. */
  end(how: 'whole' | 'cut'): void {
    this.#end = how
    this.#wake()
  }

  source(world: TimedWorld): BodySource {
    return {
      declaredBytes: undefined,
      read: async (take) => {
        for (;;) {
          const piece = this.#pieces.shift()
          if (piece !== undefined) {
            await world.turn()
            await take(piece.bytes.slice())
            piece.taken(world.clock.now())
          } else if (this.#end === 'open') await new Promise<void>((resolve) => (this.#wake = resolve))
          else break
        }
        await world.turn()
        if (this.#end === 'cut') throw new ReceiverError('body-cut')
      },
    }
  }
}
