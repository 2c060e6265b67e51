import { type QuietTime, QuietTimes } from './quiet-times.ts'

/** How long after what must be there or gone it may be so at the latest, in ms: at once, or where something failed. */
const PROMPT_MS = 1_000
const RECOVERED_MS = 15_000
/** What a list may play longer than any that was seen, in ms: the newest may not be served yet. */
const LONGER_MS = 10_000
/** From the moment a removal begins until nothing is served, in ms: at once, or where the storage may fail. */
const BEGUN_MS = 500
const BEGUN_FAULTY_MS = 12_000

/** What players see of a media playlist. */
export interface SeenList {
  readonly hasEnd: boolean
  readonly firstNumber: number
  /** How long its entries play, in ms. */
  readonly playsMs: number
}

interface Member extends SeenList {
  /** How long a list that has slid since the one before plays, in ms; 0: it has not. */
  readonly slidMs: number
}

/** How streams are removed when they have ended. */
export interface EndedRules {
  /** How long after its end a stream goes, unless its list plays longer. */
  readonly afterMs: number
  /** Whether the storage may fail. */
  readonly isFaulty: boolean
  /** Whether silence ends a stream. */
  readonly endsSilent: boolean
}

/**
 * When a stream goes, told from nothing but when something of it came, and what players saw: all its playlists must have ended, and
 * nothing may have come for so long; then it goes at once.
 */
export class EndedStream {
  readonly id: string
  /** Whether it goes when it has ended. */
  readonly goes: boolean
  readonly #quiet = new QuietTimes()
  readonly #rules: EndedRules
  /** Its media playlists that are served, by name. */
  readonly #served = new Map<string, Member>()
  #longestMs = 0
  #changedAt = Number.NEGATIVE_INFINITY
  #cameAt = Number.NEGATIVE_INFINITY
  #finishedAt = Number.NEGATIVE_INFINITY
  /** When something of it came last before it went. */
  #goneAfter = Number.NaN
  #isRunning = false
  #startedAt = Number.NEGATIVE_INFINITY
  #stoppedAt = Number.NEGATIVE_INFINITY

  constructor(id: string, goes: boolean, rules: EndedRules) {
    this.id = id
    this.goes = goes
    this.#rules = rules
  }

  /** An upload of it began. */
  begin(at: number): void {
    this.#cameAt = at
    this.#quiet.begin(at)
  }

  /** An upload of it ended. */
  end(at: number): void {
    this.#cameAt = at
    this.#quiet.end(at)
  }

  /** The receiver runs, which was started at `begunAt`; nothing was seen of it yet. */
  started(begunAt: number, at: number): void {
    this.#isRunning = true
    this.#startedAt = at
    this.#changedAt = at
    this.#quiet.end(begunAt)
  }

  /** The receiver was gone. */
  stopped(at: number): void {
    if (!this.#isRunning) return
    this.#isRunning = false
    this.#stoppedAt = at
    this.#quiet.begin(at)
  }

  /** The server's message that it is over was acknowledged. */
  finished(at: number): void {
    this.#finishedAt = at
  }

  /** Another text of a playlist is served, which may slide with each version. */
  seen(name: string, list: SeenList, slides: boolean, at: number): void {
    const before = this.#served.get(name)
    const hasSlid = slides && before !== undefined && list.firstNumber > before.firstNumber
    this.#served.set(name, { ...list, slidMs: hasSlid ? list.playsMs : 0 })
    this.#longestMs = Math.max(this.#longestMs, list.playsMs + LONGER_MS)
    this.#changedAt = at
    if (!list.hasEnd || before?.hasEnd === true) return
    this.#quiet.begin(at)
    this.#quiet.end(at)
  }

  /** A playlist is served no more, since it was quiet for long enough. */
  gone(name: string, { to }: QuietTime): void {
    this.#served.delete(name)
    if (this.#served.size > 0) return
    this.#longestMs = 0
    // What came since is of its next life.
    this.#goneAfter = to === Number.POSITIVE_INFINITY ? this.#cameAt : Number.NaN
  }

  /** Whether a playlist is served. */
  isServed(name: string): boolean {
    return this.#served.has(name)
  }

  /** Whether all of it was removed, and nothing came since. */
  get isGoneForGood(): boolean {
    return this.#goneAfter === this.#cameAt
  }

  /** Whether something of it is served, and all that is has ended. */
  get hasEnded(): boolean {
    return this.#served.size > 0 && [...this.#served.values()].every(({ hasEnd }) => hasEnd)
  }

  /** When it goes if nothing comes, in ms since the epoch; Infinity: it has not ended. */
  get goesAt(): number {
    return this.goes && this.hasEnded ? this.#quiet.since + this.#leastMs : Number.POSITIVE_INFINITY
  }

  /** The time of quiet after which it may have gone, so that nothing of it is served at `at`; undefined: it must be there. */
  goneAfter(at: number): QuietTime | undefined {
    if (!this.goes || [...this.#served.values()].some(({ hasEnd }) => !hasEnd)) return undefined
    const begunMs = this.#rules.isFaulty ? BEGUN_FAULTY_MS : BEGUN_MS
    // What had begun when the receiver was gone is done before anybody can look.
    const until = at === this.#startedAt ? this.#stoppedAt : at
    return this.#quiet.longEnough(this.#leastMs, until - begunMs, until)
  }

  /** Whether it may be about to go, or was until something came: nothing need lead to it. */
  isLeaving(at: number): boolean {
    return this.goes && this.#quiet.longEnough(this.#leastMs, at - BEGUN_FAULTY_MS, at) !== undefined
  }

  /** Whether it should have gone by `at`; storage failed at `failedAt` last. */
  isOverdue(at: number, failedAt: number): boolean {
    if (!this.goes || !this.hasEnded) return false
    const mostMs = Math.max(this.#rules.afterMs, this.#longestMs)
    const due = Math.max(this.#quiet.since, this.#changedAt) + mostMs + PROMPT_MS
    return at > Math.max(due, failedAt + RECOVERED_MS)
  }

  /** Whether it should be gone once nothing more comes, ever. */
  get isOver(): boolean {
    const { endsSilent } = this.#rules
    return this.goes && (this.hasEnded || endsSilent || this.#finishedAt >= this.#cameAt)
  }

  /** The least time of quiet before it goes, in ms: as long as its list plays, where that does not keep everything. */
  get #leastMs(): number {
    return Math.max(this.#rules.afterMs, ...[...this.#served.values()].map(({ slidMs }) => slidMs))
  }
}
