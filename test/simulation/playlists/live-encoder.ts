import type { Random } from '../../support/random.ts'
import { EncoderRun, FIRST_MS } from './encoder-run.ts'
import { ENTRY_TAG, type WrittenEntry } from './encoder-text.ts'
import type { EndedStream } from './ended-stream.ts'
import type { Endings, Return } from './endings.ts'
import type { Habits } from './habits.ts'
import type { LastingModel } from './lasting-model.ts'
import { Post } from './post.ts'
import { SUSPECT_WAIT_MS } from './reference-model.ts'
import type { RunStart } from './run-start.ts'
import { APP, type Sender } from './sending.ts'

const SEGMENTS = [5, 16] as const
/** From the end of one life to the start of the next, in ms. */
const PAUSE_MS = [1_000, 8_000] as const
const RETRY_MS = 700
/** How far the clock of names goes on from life to life. */
const LIFE_NAMES = 1_000
/** How often dates are counted anew from the start of a life that goes on (facts of encoders, section 6). */
const NEW_DATES_CHANCE = 0.3

/** An encoder that pushes segments and their playlist, and starts again; it never looks at an answer. */
export class LiveEncoder {
  /** The encoder name of its playlist. */
  readonly name: string
  readonly model: LastingModel
  readonly habits: Habits
  readonly #post: Post
  readonly #restarts: Habits['restarts']
  readonly #firstNumber: number
  readonly #labels: string
  readonly #entries = new Map<string, WrittenEntry>()
  #lives = 0
  #runs = 0
  #run: EncoderRun | undefined
  #hasLingered = false
  #hasUnknown = false
  #isDeleting = false
  #endings: Endings | undefined
  #stream: EndedStream | undefined
  /** When each run began, and the last life. */
  readonly #begins = new Map<number, number>()
  #beganAt = 0

  /** `mark` tells its entries from those of another one of the same habits. */
  constructor(random: Random, habits: Habits, sender: Sender, model: LastingModel, startsAt: number, mark = '') {
    this.name = `${habits.stem}.m3u8`
    this.model = model
    this.habits = habits
    this.#labels = habits.stem + mark
    this.#post = new Post(random, sender)
    this.#restarts = habits.restarts
    this.#firstNumber = random.pick([0, 1, 1])
    this.#post.agenda.add(startsAt, (at) => this.#begin(at, this.#overStart()))
  }

  /** It deletes segments that have left its list, before it sends that. */
  deletes(): void {
    this.#isDeleting = true
  }

  /** Its stream may go after its end, and it comes back in time or not. */
  mayGo(endings: Endings): void {
    this.#endings = endings
    const { type, windowJitter } = this.habits
    this.#stream = endings.join(this.name, this, type === 'live' && windowJitter === 0)
    this.#post.watchFor(this.#stream, this.name)
  }

  /** What was sent in lives that began up to `from` is gone. */
  forget(from: number): void {
    this.model.forget((run) => (this.#begins.get(run) ?? 0) > from)
    this.#post.forget(this.#beganAt <= from)
  }

  /** When it does something next, in ms; Infinity when it has done everything. */
  get nextAt(): number {
    return this.#post.agenda.nextAt
  }

  /** Does what is next. */
  next(): Promise<void> {
    return this.#post.agenda.next()
  }

  #begin(at: number, start: RunStart): void {
    this.#post.begin(start.entries.length > 0)
    this.#hasLingered = false
    const run = new EncoderRun(this.habits, this.#post, this.model, start, (entry) =>
      this.#entries.set(entry.id, entry),
    )
    this.#run = run
    this.#beganAt = at
    if (!this.#begins.has(start.run)) this.#begins.set(start.run, at)
    if (this.#isDeleting) run.deletes()
    if (this.#lives > 0) this.#post.sender.happened.add('restart of the encoder')
    const restart = this.#restarts[this.#lives++]
    run.begin(at, (end) => {
      const { message, back = 'soon' } = this.#endings?.lifeEnds(this.name, end) ?? {}
      if (message !== undefined) this.#post.agenda.add(message, () => this.#finish())
      if (restart !== undefined) this.#post.agenda.add(end + this.#pause(), (now) => this.#restart(now, restart, back))
    })
  }

  /** An old version without dates that comes just before a new run passes for its first one. */
  #pause(): number {
    const { hasDates, trouble } = this.habits
    return this.#post.ms(PAUSE_MS) + (!hasDates && trouble.delayed > 0 ? SUSPECT_WAIT_MS : 0)
  }

  /** Starts again once everything of the life before is over: it was another process. */
  async #restart(at: number, how: 'over' | 'append', back: Return): Promise<void> {
    const { line } = this.#post.sender
    const backAt = this.#endings?.backAt(this.name, back, at, this.#lead) ?? at
    if (!this.#post.isIdle || line === undefined || backAt > at) {
      const isSoon = this.#post.isIdle && line !== undefined
      const next = isSoon ? Math.min(at + RETRY_MS, backAt) : at + RETRY_MS
      this.#post.agenda.add(next, (now) => this.#restart(now, how, back))
      return
    }
    // A list of a life that nothing is known of has nothing to tell it from the next, whose holes its files may fill.
    const isKnown = this.model.newest?.run === this.#runs - 1
    this.#hasUnknown ||= !isKnown
    const mayLinger =
      how === 'over' && back === 'soon' && !this.habits.hasEndlist && !this.#hasUnknown && !this.#hasLingered
    this.#hasLingered = true
    if (mayLinger && this.#post.random.next() < this.habits.lingers) {
      this.#run?.linger(at)
      this.#post.agenda.add(at + RETRY_MS, (now) => this.#restart(now, how, back))
      return
    }
    // What goes while it asks for its words it would go on behind.
    const isAppended = how === 'append' && back !== 'edge' && !this.habits.format.startsWith('single')
    const accepted = isAppended ? await this.#accepted() : []
    this.#begin(at, accepted.length > 0 ? this.#appendStart(accepted, at) : this.#overStart(isAppended))
  }

  /** From the start of a life to its first upload, in ms. */
  get #lead(): number {
    const { hasKey, format, duration } = this.habits
    return hasKey || format !== 'ts' ? 0 : FIRST_MS + duration * 1_000
  }

  /** Its server says that the stream is over. */
  #finish(): void {
    const stream = this.#stream
    if (stream !== undefined) this.#post.sender.finish(stream.id, (now) => stream.finished(now))
  }

  #overStart(isDiscontinuity = false): RunStart {
    return {
      run: this.#runs++,
      label: this.#label(),
      entries: [],
      firstNumber: this.#firstNumber,
      clock: this.#lives * LIFE_NAMES,
      isDiscontinuity,
      segments: this.#post.ms(SEGMENTS),
    }
  }

  #appendStart(entries: readonly WrittenEntry[], at: number): RunStart {
    const last = entries.at(-1)
    if (this.#post.random.next() < NEW_DATES_CHANCE) for (const entry of entries) entry.dateTime = at
    return {
      run: last?.run ?? 0,
      label: this.#label(),
      entries,
      firstNumber: (last?.number ?? 0) + 1,
      clock: this.#lives * LIFE_NAMES,
      isDiscontinuity: true,
      segments: this.#post.ms(SEGMENTS),
    }
  }

  #label(): string {
    return `${this.#labels}-life${this.#lives}`
  }

  /** The entries of the playlist that the receiver accepted last. */
  async #accepted(): Promise<WrittenEntry[]> {
    const file = await this.#post.sender.line?.receiver.origin
      .readBack({ app: APP, name: this.name, owner: '' })
      .catch(() => undefined)
    if (file === undefined) return []
    const chunks: Uint8Array[] = []
    for await (const chunk of file.content.stream()) chunks.push(chunk)
    const ids = Buffer.concat(chunks)
      .toString()
      .split('\n')
      .filter((line) => line.startsWith(ENTRY_TAG))
    return ids.flatMap((line) => this.#entries.get(line.slice(ENTRY_TAG.length)) ?? [])
  }
}
