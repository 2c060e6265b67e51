import { ReceiverError } from '../../../src/core/errors.ts'
import { INLINE_BODY_BYTES } from '../../../src/core/limits.ts'
import type { BodySource } from '../../../src/core/ports.ts'
import type { Receiver, UploadOutcome } from '../../../src/core/receiver.ts'
import type { Random } from '../../support/random.ts'
import type { ChanceWorld } from '../world/chance-world.ts'

const PIECE_BYTES = 48 * 1024
const CUT_CHANCE = 0.1
const RESTART_CHANCE = 0.08
const SAME_AGAIN_CHANCE = 0.08
const NEW_VERSION_CHANCE = 0.08
const WINDOW = 4

/** One upload: what was sent, and what came of it. Steps are those of its world. */
export interface Attempt {
  readonly name: string
  readonly bytes: Uint8Array
  readonly isCut: boolean
  readonly startedAt: number
  /** When the acknowledgement was sent; undefined while it was not. */
  acknowledgedAt: number | undefined
  outcome: UploadOutcome | undefined
  /** Why it was refused, if it was. */
  refusal: unknown
}

/** Something that an encoder sends. */
export interface Planned {
  readonly name: string
  readonly bytes: Uint8Array
  readonly isCut: boolean
}

/** Sends a planned upload, piece by piece as chance has it, and notes what comes of it. */
export function send(receiver: Receiver, world: ChanceWorld, { name, bytes, isCut }: Planned): Attempt {
  const attempt: Attempt = {
    name,
    bytes,
    isCut,
    startedAt: world.steps,
    acknowledgedAt: undefined,
    outcome: undefined,
    refusal: undefined,
  }
  receiver.upload({ app: 'live', name, owner: '' }, sourceOf(world, bytes, isCut)).then(
    (outcome) => {
      attempt.outcome = outcome
      attempt.acknowledgedAt = world.steps
    },
    (refusal: unknown) => {
      attempt.refusal = refusal
    },
  )
  return attempt
}

function sourceOf(world: ChanceWorld, bytes: Uint8Array, isCut: boolean): BodySource {
  return {
    declaredBytes: undefined,
    async read(take) {
      const end = isCut ? world.random.whole(0, bytes.length - 1) : bytes.length
      for (let at = 0; at < end; at += PIECE_BYTES) {
        await world.turn()
        // The network's own buffer is used again: what the core keeps, it must have taken for good.
        await take(bytes.slice(at, Math.min(at + PIECE_BYTES, end)))
      }
      await world.turn()
      if (isCut) throw new ReceiverError('body-cut')
    },
  }
}

/** What one encoder sends in its life: segments and playlists, with restarts, repetitions and cuts. */
export function* encoder(random: Random, stream: string): Generator<Planned> {
  let run = 0
  let sequence = 1
  let sent: string[] = []
  const plan = (name: string, bytes: Uint8Array): Planned => ({ name, bytes, isCut: random.next() < CUT_CHANCE })
  for (;;) {
    if (random.next() < RESTART_CHANCE) [run, sequence, sent] = [run + 1, 1, []]
    const name = `${stream}${String(sequence).padStart(9, '0')}.ts`
    const bytes = body(`${name} of run ${run}`, sizeOf(random))
    yield plan(name, bytes)
    if (random.next() < SAME_AGAIN_CHANCE) yield plan(name, bytes)
    if (random.next() < NEW_VERSION_CHANCE) yield plan(name, body(`${name} of run ${run}, once more`, sizeOf(random)))
    sent = [...sent, name].slice(-WINDOW)
    sequence++
    yield plan(`${stream}.m3u8`, playlist(sequence - sent.length, sent, random))
  }
}

function sizeOf(random: Random): number {
  const edge = INLINE_BODY_BYTES + random.whole(-1, 1)
  return random.pick([random.whole(100, 3_000), random.whole(100, 3_000), edge, random.whole(66_000, 110_000)])
}

function body(label: string, size: number): Uint8Array {
  return new Uint8Array(Buffer.alloc(size, `${label};`))
}

function playlist(sequence: number, names: readonly string[], random: Random): Uint8Array {
  const filler = random.next() < 0.1 ? Array.from({ length: 30 }, (_, line) => `# ${line}${' '.repeat(3_000)}`) : []
  const entries = names.flatMap((name) => ['#EXTINF:2.000000,', name])
  const head = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${sequence}`, ...filler]
  return new TextEncoder().encode([...head, ...entries, ''].join('\n'))
}
