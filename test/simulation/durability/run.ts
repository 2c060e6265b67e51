import { ReceiverError } from '../../../src/core/errors.ts'
import type { ObjectStore } from '../../../src/core/object-store.ts'
import type { BodyFiles, Journal } from '../../../src/core/ports.ts'
import { Receiver } from '../../../src/core/receiver.ts'
import { policies } from '../../../src/core/restart-policy.ts'
import { NOT_SHARED } from '../../../src/core/sharing/sharing.ts'
import { DEFAULT_MOUNT } from '../../../src/core/upload-target.ts'
import { type Random, seededRandom } from '../../support/random.ts'
import { ChanceWorld } from '../world/chance-world.ts'
import { FakeBodyFiles } from '../world/fake-body-files.ts'
import { FakeJournal } from '../world/fake-journal.ts'
import { FakeStore } from '../world/fake-store.ts'
import { BLOCK_ENTRIES, NEVER_STALE, STORING } from '../world/surroundings.ts'
import { brokenPromises, type Violations } from './checks.ts'
import { unfinishedWork } from './quiet-checks.ts'
import { type Attempt, encoder, type Planned, send } from './uploads.ts'

const LIVES = 3
const MAX_STEPS = 300
const MAX_ENCODERS = 3
const SEND_CHANCE = 0.25
/** Longer than it takes to cross off what the store has. */
const QUIET_MS = 5 * 60_000
/** How often work is let come to its end before the power fails. */
const QUIET_CHANCE = 0.3

/** What a life of the receiver runs on; a planted bug wraps one of them. */
export interface Parts {
  readonly journal: Journal
  readonly files: BodyFiles
  readonly store: ObjectStore
}

/** Puts a bug between the core and what it runs on. */
export type Plant = (parts: Parts) => Parts

/** What a run came to. */
export interface Outcome {
  readonly violations: Violations
  readonly acknowledged: number
  readonly crashes: number
}

/**
 * One history: encoders upload, the power fails at some step, the receiver recovers, and again; the last life only
 * recovers.
 */
export async function runHistory(seed: number, plant: Plant = (parts) => parts): Promise<Outcome> {
  const random = seededRandom(seed)
  const attempts: Attempt[] = []
  const encoders = encodersOf(random)
  const world = new ChanceWorld(random)
  const store = new FakeStore(world, random.next() < 0.5)
  let life: Life = { world, journal: new FakeJournal(world), files: new FakeBodyFiles(world), store }
  for (let crashes = 0; crashes < LIVES; crashes++) {
    const violations = await runLife(life, plant, crashes === LIVES - 1 ? [] : encoders, attempts)
    if (violations.length > 0) return outcome(violations, attempts, crashes)
    life = afterPowerLoss(life)
  }
  return outcome([], attempts, LIVES - 1)
}

interface Life {
  readonly world: ChanceWorld
  readonly journal: FakeJournal
  readonly files: FakeBodyFiles
  readonly store: FakeStore
}

function afterPowerLoss({ world, journal, files, store }: Life): Life {
  const next = world.nextLife()
  return {
    world: next,
    journal: journal.afterPowerLoss(next),
    files: files.afterPowerLoss(next),
    store: store.afterPowerLoss(next),
  }
}

async function runLife(
  life: Life,
  plant: Plant,
  encoders: readonly Encoder[],
  attempts: Attempt[],
): Promise<Violations> {
  const { world, journal, files, store } = life
  const parts = plant(life)
  const receiver = new Receiver({
    ...parts,
    host: world.host(),
    mounts: [DEFAULT_MOUNT],
    maxSegmentBytes: 1e9,
    zone: 'UTC',
    policyFor: policies([]),
    blockEntries: BLOCK_ENTRIES,
    storing: STORING,
    stale: NEVER_STALE,
    sharing: NOT_SHARED,
  })
  const hasStarted = await world.until(receiver.recover()).then(() => true, isRefused)
  if (!hasStarted) return []
  const found = { receiver, journal, files }
  const recovered = await brokenPromises(found, attempts)
  if (recovered.length > 0) return recovered
  if (encoders.length > 0) await upload(world, receiver, encoders, attempts)
  if (store.dangling.length > 0) return store.dangling.map(danglingInStore)
  if (encoders.length > 0 && world.random.next() > QUIET_CHANCE) return []
  await world.settle(QUIET_MS)
  return [...(await brokenPromises(found, attempts)), ...(await unfinishedWork(journal, store, receiver))]
}

/** A receiver whose storage fails while it starts ends, and is started again. */
function isRefused(error: unknown): false {
  if (error instanceof ReceiverError) return false
  throw error
}

const danglingInStore = (what: string) => `P2: a playlist came to the store before what it names: ${what}`

function outcome(violations: Violations, attempts: readonly Attempt[], crashes: number): Outcome {
  const acknowledged = attempts.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length
  return { violations, acknowledged, crashes }
}

type Encoder = Generator<Planned>

function encodersOf(random: Random): Encoder[] {
  const count = random.whole(1, MAX_ENCODERS)
  return Array.from({ length: count }, (_, index) => encoder(random.fork(index), `cam${index}`))
}

/** Lets the encoders send, and chance step, until the power fails. */
async function upload(
  world: ChanceWorld,
  receiver: Receiver,
  encoders: readonly Encoder[],
  attempts: Attempt[],
): Promise<void> {
  const { random } = world
  for (let left = random.whole(1, MAX_STEPS); left > 0; left--) {
    if (random.next() < SEND_CHANCE) {
      const next = random.pick(encoders).next()
      if (next.done !== true) attempts.push(send(receiver, world, next.value))
    }
    await world.step()
  }
}
