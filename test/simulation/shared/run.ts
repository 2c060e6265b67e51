import { storeKey } from '../../../src/core/storing/store-key.ts'
import { memoryStore } from '../../../src/stores/memory-store.ts'
import { PlaylistWatch } from '../../../src/testing/playlist-watch.ts'
import { readServed } from '../../../src/testing/served-playlist.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { type Random, seededRandom } from '../../support/random.ts'
import { mediaList, type SharedWorld } from '../../support/trial.ts'
import { Side } from './side.ts'

const LIST = 'cam.m3u8'
const STEPS = 40
const STEP_MS = 2_000
const WINDOW = 5
/** Longer than everything waits. */
const END_MS = 300_000

/** What became of a history. */
export interface Outcome {
  /** Sentences that begin with the promise that was broken. */
  readonly violations: readonly string[]
  /** Segments that were acknowledged. */
  readonly acknowledged: number
  readonly moves: number
}

/** A history of an encoder that is sent to one of three receivers after the other, all of which share a store; `change` plants a bug. */
export async function runShared(seed: number, change?: SharedWorld['change']): Promise<Outcome> {
  return new History(seededRandom(seed), change).run()
}

class History {
  readonly #random: Random
  readonly #clock = new FakeClock()
  readonly #store = memoryStore(() => this.#clock.now())
  readonly #sides: readonly Side[]
  readonly #watches: readonly PlaylistWatch[]
  readonly #violations = new Set<string>()
  readonly #acknowledged: string[] = []
  /** Names that came to each side, and those segments of them that a list named there: these a recording must have. */
  readonly #here = new Map<Side, Set<string>>()
  readonly #listed = new Set<string>()
  /** Numbers of all segments that a list named which one side could serve something of. */
  readonly #named = new Set<number>()
  /** Media in the store when it was first seen. */
  readonly #seen = new Map<string, string>()
  #side: Side
  /** Of the list in the store. */
  #sequence = 0
  #isBack = false
  #moves = 0
  #number = 0
  /** Steps after which what was done to a side is undone. */
  readonly #undo = new Map<number, (() => void)[]>()

  constructor(random: Random, change: SharedWorld['change']) {
    this.#random = random
    let ids = 0
    const world = {
      clock: this.#clock,
      store: this.#store,
      nextId: () => String(++ids).padStart(9, '0'),
      ...(change === undefined ? {} : { change }),
    }
    const sides = ['A', 'B', 'C'].map((receiver, index) => new Side({ ...world, receiver }, random.fork(index)))
    this.#sides = sides
    this.#side = random.pick(sides)
    this.#watches = sides.map(() => new PlaylistWatch())
  }

  async run(): Promise<Outcome> {
    for (let step = 0; step < STEPS; step++) {
      for (const undo of this.#undo.get(step) ?? []) undo()
      this.#happen(step)
      await this.#push(false)
      await this.#clock.advance(STEP_MS)
      await this.#look()
    }
    for (const side of this.#sides) {
      side.isCutOff = false
      side.goOn()
    }
    // One that comes back and ends at once is not known to have come back.
    for (const foot of [[], [], ['#EXT-X-ENDLIST']]) {
      await this.#clock.advance(STEP_MS)
      await this.#push(true, ...foot)
    }
    await this.#clock.advance(END_MS)
    await this.#look()
    await this.#compareRecordings()
    const served = await this.#side.trial.served(LIST)
    if (served !== (await this.#text(storeKey('live', LIST)))) this.#violations.add('P4: the store has another list')
    return { violations: [...this.#violations], acknowledged: this.#acknowledged.length, moves: this.#moves }
  }

  #happen(step: number): void {
    const random = this.#random
    const side = random.pick(this.#sides)
    const until = step + random.whole(1, 8)
    const undone = (undo: () => void) => this.#undo.set(until, [...(this.#undo.get(until) ?? []), undo])
    const chance = random.next()
    if (chance < 0.08) {
      side.standStill()
      undone(() => side.goOn())
    } else if (chance < 0.14) {
      side.isCutOff = true
      undone(() => {
        side.isCutOff = false
      })
    }
    if (random.next() < 0.12 || this.#side.isStill) {
      this.#side = random.pick(this.#sides)
      this.#moves++
    }
  }

  /** Sends the next segment and its list, in this order or the other, unless they get lost where it is not safe. */
  async #push(isSafe: boolean, ...foot: readonly string[]): Promise<void> {
    const number = ++this.#number
    const first = Math.max(1, number - WINDOW + 1)
    const list = mediaList(
      first,
      Array.from({ length: number - first + 1 }, (_, index) => nameOf(first + index)),
      ...foot,
    )
    const segment = () => this.#send(nameOf(number), String(number))
    const playlist = () => this.#send(LIST, list)
    const isSegmentFirst = isSafe || this.#random.next() < 0.8
    const [one, other] = isSegmentFirst ? [segment, playlist] : [playlist, segment]
    if (isSafe || this.#random.next() > 0.05) await one()
    if (isSafe || this.#random.next() > 0.05) await other()
  }

  async #send(name: string, body: string): Promise<void> {
    const { trial, isStill } = this.#side
    // What a load balancer cannot bring anywhere is not acknowledged.
    if (isStill) return
    const upload = trial.begin(name)
    await upload.send(body)
    await this.#whileTimePasses(upload.end())
    const here = this.#here.get(this.#side) ?? new Set()
    this.#here.set(this.#side, here)
    if (name !== LIST) {
      this.#acknowledged.push(body)
      here.add(name)
      return
    }
    const names = [...body.matchAll(/cam(\d+)\.ts/g)]
    // Of a list whose segments all went elsewhere nothing is served.
    if (!names.some(([name]) => here.has(name))) return
    for (const [name, digits] of names) {
      this.#named.add(Number(digits))
      if (here.has(name)) this.#listed.add(String(Number(digits)))
    }
  }

  async #look(): Promise<void> {
    for (const [index, { trial, isStill }] of this.#sides.entries()) {
      const text = isStill ? undefined : await trial.served(LIST)
      if (text === undefined) continue
      for (const broken of this.#watches[index]?.observe(text) ?? []) this.#violations.add(`${'ABC'[index]}: ${broken}`)
    }
    const { keys } = await this.#store.list(storeKey('live', ''))
    for (const key of keys.filter((each) => each.endsWith('.ts'))) {
      const text = (await this.#text(key)) ?? ''
      if ((this.#seen.get(key) ?? text) !== text) this.#violations.add(`P3: ${key} changed`)
      this.#seen.set(key, text)
    }
    const { entries, mediaSequence } = readServed((await this.#text(storeKey('live', LIST))) ?? '')
    // Who stood still may overwrite once: the owner's next write mends it.
    if (this.#isBack && mediaSequence < this.#sequence) this.#violations.add('P4: the list in the store went back')
    this.#isBack = mediaSequence < this.#sequence
    this.#sequence = Math.max(mediaSequence, this.#sequence)
    for (const { uri, isGap } of entries) {
      if (!isGap && !this.#seen.has(storeKey('live', uri))) this.#violations.add(`P2: the store lacks ${uri}`)
    }
  }

  async #compareRecordings(): Promise<void> {
    for (const [index, { trial }] of this.#sides.entries()) {
      const text = await this.#whileTimePasses(trial.recordedText(LIST))
      const entries = readServed(text ?? '').entries
      const bodies = entries.filter(({ isGap }) => !isGap).map(({ uri }) => this.#seen.get(storeKey('live', uri)) ?? '')
      const numbers = entries.map(({ uri, isGap }) =>
        Number(isGap ? uri.slice(3, 12) : this.#seen.get(storeKey('live', uri))),
      )
      for (const broken of this.#brokenRecording(bodies, numbers)) this.#violations.add(`P5: ${'ABC'[index]} ${broken}`)
    }
  }

  #brokenRecording(bodies: readonly string[], numbers: readonly number[]): string[] {
    const broken: string[] = []
    const lacks = [...this.#listed].filter((each) => !bodies.includes(each))
    if (lacks.length > 0) broken.push(`lacks ${lacks.join(' ')}`)
    const expected = this.#acknowledged.filter((each) => bodies.includes(each))
    if (bodies.join(' ') !== expected.join(' ')) broken.push(`has ${bodies.join(' ')}`)
    const hidden = [...this.#named].filter((number) => !numbers.includes(number))
    if (hidden.length > 0) broken.push(`hides the holes ${hidden.join(' ')}`)
    if (new Set(numbers).size < numbers.length) broken.push(`has entries twice: ${numbers.join(' ')}`)
    return broken
  }

  async #whileTimePasses<T>(awaited: Promise<T>): Promise<T> {
    let isDone = false
    void awaited.finally(() => {
      isDone = true
    })
    while (!isDone) await this.#clock.advance(10)
    return awaited
  }

  async #text(key: string): Promise<string | undefined> {
    const found = await this.#store.get(key)
    if (found === null) return undefined
    const chunks: Uint8Array[] = []
    for await (const chunk of found.body) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
}

function nameOf(number: number): string {
  return `cam${String(number).padStart(9, '0')}.ts`
}
