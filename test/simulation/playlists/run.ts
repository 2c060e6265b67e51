import { Receiver } from '../../../src/core/receiver.ts'
import { NO_LIMITS } from '../../../src/core/removal/deletion-rule.ts'
import { policies } from '../../../src/core/restart-policy.ts'
import { NOT_SHARED } from '../../../src/core/sharing/sharing.ts'
import { DEFAULT_MOUNT } from '../../../src/core/upload-target.ts'
import { type Random, seededRandom } from '../../support/random.ts'
import { unfinishedWork } from '../durability/quiet-checks.ts'
import { FakeBodyFiles } from '../world/fake-body-files.ts'
import { FakeJournal } from '../world/fake-journal.ts'
import { FakeStore } from '../world/fake-store.ts'
import { BLOCK_ENTRIES, NEVER_STALE, STORING, simulatedHost } from '../world/surroundings.ts'
import { settled, TimedWorld } from '../world/timed-world.ts'
import { type Broadcast, drawBroadcast } from './broadcast.ts'
import { Endings } from './endings.ts'
import { type Happening, type RemovalHabits, removalHabitsOf } from './happenings.ts'
import { leftOver } from './left-over.ts'
import { Sender } from './sending.ts'

const BEGINNING = Date.UTC(2026, 10, 22)
const MAX_CRASHES = 2
/** Steps between two crashes. */
const LIFE_STEPS = [10, 300] as const
/** How long the receiver is down, mostly and now and then, in ms. */
const DOWN_MS = [50, 1_500] as const
const LONG_DOWN_MS = [1_500, 20_000] as const
const LONG_DOWN_CHANCE = 0.2
/** How long everything that is late is waited for after the last upload, in ms. */
const QUIET_MS = 20_000
/** The same where streams go when they have ended: longer than that takes. */
const QUIET_ENDED_MS = 240_000
/** Tells what is drawn for those from all else. */
const ENDINGS_FORK = -4
const MAX_SEGMENT_BYTES = 1e9
/** How long the store has at the end: it may be down for long. */
const STORE_TIME_MS = 10 * 60_000
/** How often the receiver is stopped before its power goes, and how long it may take, in ms. */
const STOP_CHANCE = 0.2
const STOP_MS = 2_000

/** The Receiver that is tried: the core's own, or that of a copy with a bug. */
export type ReceiverClass = typeof Receiver

/** What a history came to. */
export interface PlaylistOutcome {
  /** Sentences that begin with the broken promise. */
  readonly violations: readonly string[]
  /** Versions of playlists that players saw. */
  readonly seen: number
  readonly crashes: number
  readonly happened: ReadonlySet<Happening>
}

/** One history: encoders push segments and playlists, the power fails, and players look all the while. */
export function runPlaylists(
  seed: number,
  Tried: ReceiverClass = Receiver,
  habits: RemovalHabits = removalHabitsOf(seed),
): Promise<PlaylistOutcome> {
  return new History(seed, Tried, habits).run()
}

/** What a life of the receiver runs on. */
interface Life {
  readonly world: TimedWorld
  readonly journal: FakeJournal
  readonly files: FakeBodyFiles
  readonly store: FakeStore
}

class History {
  readonly #random: Random
  readonly #Tried: ReceiverClass
  readonly #isMirror: boolean
  readonly #isFaulty: boolean
  readonly #sender = new Sender()
  readonly #broadcast: Broadcast
  readonly #endings: Endings | undefined
  readonly #violations: string[] = []
  #lives = 0

  constructor(seed: number, Tried: ReceiverClass, { deletes, isEndedRemoved }: RemovalHabits) {
    this.#isMirror = deletes === 'mirror'
    this.#random = seededRandom(seed)
    this.#Tried = Tried
    this.#isFaulty = this.#random.next() < 0.5
    const endings = () => new Endings(this.#random.fork(ENDINGS_FORK), this.#isFaulty, this.#sender.happened)
    this.#endings = isEndedRemoved ? endings() : undefined
    this.#broadcast = drawBroadcast(this.#random, this.#sender, BEGINNING, deletes, this.#endings)
  }

  async run(): Promise<PlaylistOutcome> {
    let life = this.#firstLife()
    for (let left = this.#random.whole(0, MAX_CRASHES); left > 0 && !this.#isBroken; left--) {
      await this.#live(life, this.#random.whole(...LIFE_STEPS))
      life = await this.#powerLoss(life)
    }
    while (!this.#isBroken && !(await this.#live(life, Number.POSITIVE_INFINITY))) life = await this.#powerLoss(life)
    // What players saw last must still be there after one more.
    if (!this.#isBroken) await this.#start(await this.#powerLoss(life))
    const seen = this.#broadcast.viewers.reduce((sum, viewer) => sum + viewer.seen, 0)
    const { happened, faults } = this.#sender
    if (this.#lives > 1) happened.add('restart of the receiver')
    if (this.#isMirror && happened.has('delete')) happened.add('retention')
    return { violations: [...this.#violations, ...faults], seen, crashes: this.#lives - 1, happened }
  }

  get #isBroken(): boolean {
    return this.#violations.length + this.#sender.faults.length > 0
  }

  #firstLife(): Life {
    const world = new TimedWorld(this.#random, this.#isFaulty, BEGINNING)
    const store = new FakeStore(world, this.#random.next() < 0.5)
    return { world, journal: new FakeJournal(world), files: new FakeBodyFiles(world), store }
  }

  /** The power fails; the encoders go on, and nobody hears them until the receiver is back. */
  async #powerLoss({ world, journal, files, store }: Life): Promise<Life> {
    const now = world.clock.now()
    this.#disconnect(now)
    const [least, most] = this.#random.next() < LONG_DOWN_CHANCE ? LONG_DOWN_MS : DOWN_MS
    const backAt = now + this.#random.whole(least, most)
    for (let next = this.#nextEncoder(); next.nextAt < backAt; next = this.#nextEncoder()) await next.next()
    const after = new TimedWorld(this.#random, this.#isFaulty, backAt)
    return {
      world: after,
      journal: journal.afterPowerLoss(after),
      files: files.afterPowerLoss(after),
      store: store.afterPowerLoss(after),
    }
  }

  /** A life of at most so many steps; true when everything was sent and had its time. */
  async #live(life: Life, steps: number): Promise<boolean> {
    const receiver = await this.#start(life)
    if (receiver === undefined) return false
    const { world, store } = life
    const quietMs = this.#endings === undefined ? QUIET_MS : QUIET_ENDED_MS
    let quietAt = world.clock.now() + (this.#endings === undefined ? 0 : quietMs)
    for (let left = steps; left > 0 && !this.#isBroken; left--) {
      if (this.#endings?.failsBy(world.clock.now()) === true) break
      const encoder = this.#nextEncoder()
      if (encoder.nextAt < Number.POSITIVE_INFINITY) quietAt = encoder.nextAt + quietMs
      const nextAt = Math.min(world.nextAt, encoder.nextAt, quietAt)
      this.#findLate(nextAt, world.lastFailure)
      if (nextAt === quietAt) {
        this.#violations.push(...(await lackingInStore(life, receiver)))
        await this.#lookAtEnd(receiver, life)
        return true
      }
      if (world.nextAt <= encoder.nextAt) await world.step()
      else {
        world.forward(encoder.nextAt)
        await encoder.next()
        await settled()
      }
      await this.#look(receiver, world, false)
      this.#violations.push(
        ...store.dangling.map((what) => `P2: the store got a playlist before what it names: ${what}`),
      )
    }
    if (!this.#isBroken && world.random.next() < STOP_CHANCE) await this.#stop(receiver, world)
    return false
  }

  /** Stops the receiver before the power goes. */
  async #stop(receiver: Receiver, world: TimedWorld): Promise<void> {
    this.#disconnect(world.clock.now())
    await stepUntil(world, receiver.close(STOP_MS))
  }

  /** Starts the receiver, which may fail as its storage fails. */
  async #start({ world, journal, files, store }: Life): Promise<Receiver | undefined> {
    const host = simulatedHost(world.clock, this.#lives++)
    const mounts = [DEFAULT_MOUNT]
    const silentMs = this.#endings?.silentMs
    const receiver = new this.#Tried({
      journal,
      files,
      store,
      host,
      mounts,
      maxSegmentBytes: MAX_SEGMENT_BYTES,
      zone: 'UTC',
      policyFor: policies([]),
      blockEntries: BLOCK_ENTRIES,
      deletion: {
        limits: NO_LIMITS,
        isMirror: () => this.#isMirror,
        onEnded: (_app, name) => this.#endings?.goes(name) ?? false,
        afterMs: this.#endings?.afterMs ?? 0,
      },
      storing: STORING,
      stale: silentMs === undefined ? NEVER_STALE : { afterMs: silentMs, action: 'end' },
      sharing: NOT_SHARED,
    })
    const begunAt = world.clock.now()
    const hasStarted = await stepUntil(world, receiver.recover())
    if (!hasStarted) return undefined
    const now = world.clock.now()
    const { live, multivariant } = this.#broadcast
    for (const { model } of live) model.started(now)
    multivariant?.started(now)
    this.#endings?.started(begunAt, now)
    this.#sender.connect({ world, receiver }, now)
    await this.#look(receiver, world, true)
    return receiver
  }

  /** Nobody hears the encoders any more. */
  #disconnect(at: number): void {
    this.#sender.connect(undefined, at)
    this.#endings?.stopped(at)
  }

  /** What is left once everything had its time. */
  async #lookAtEnd(receiver: Receiver, { world, journal, store, files }: Life): Promise<void> {
    if (this.#endings === undefined || this.#isBroken) return
    await this.#look(receiver, world, false)
    this.#violations.push(...(await leftOver(this.#endings, { journal, store, files })))
  }

  async #look(receiver: Receiver, world: TimedWorld, isThorough: boolean): Promise<void> {
    for (const viewer of this.#broadcast.viewers) {
      const failed = (error: unknown) => [`P2: ${viewer.name} cannot be read: ${error}`]
      this.#violations.push(...(await viewer.look(receiver, world.clock.now(), isThorough).catch(failed)))
    }
  }

  /** What nobody served although nothing more will happen before `at`. */
  #findLate(at: number, failedAt: number): void {
    const { live, multivariant, viewers } = this.#broadcast
    for (const { model } of live) this.#violations.push(...model.late(at, failedAt))
    this.#violations.push(...(this.#endings?.late(at, failedAt, multivariant !== undefined) ?? []))
    if (multivariant === undefined) return
    this.#violations.push(...multivariant.late(viewers.at(-1)?.text ?? '', at, failedAt))
  }

  #nextEncoder(): Pick<Broadcast['live'][number], 'nextAt' | 'next'> {
    const { live, multivariant } = this.#broadcast
    const all = [...live, ...(multivariant === undefined ? [] : [multivariant])]
    return all.reduce((first, other) => (other.nextAt < first.nextAt ? other : first))
  }
}

/** What the store never gets, although nobody disturbs it any more. */
async function lackingInStore({ world, journal, store }: Life, receiver: Receiver): Promise<readonly string[]> {
  const end = world.clock.now() + STORE_TIME_MS
  while (world.nextAt < end) await world.step()
  return unfinishedWork(journal, store, receiver)
}

/** Lets the world go on until something is done; false when it failed, as the storage did. */
async function stepUntil(world: TimedWorld, doing: Promise<void>): Promise<boolean> {
  let result: boolean | undefined
  doing.then(
    () => {
      result = true
    },
    () => {
      result = false
    },
  )
  await settled()
  while (result === undefined) {
    if (world.nextAt === Number.POSITIVE_INFINITY) throw new Error('The receiver hangs.')
    await world.step()
  }
  return result
}
