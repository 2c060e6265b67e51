import { readServed } from '../../../src/testing/served-playlist.ts'
import type { Random } from '../../support/random.ts'
import type { Endings } from './endings.ts'
import { Post } from './post.ts'
import type { Sender } from './sending.ts'
import type { Viewer } from './viewer.ts'

/** From the start of the first variant to the first multivariant playlist, in ms. */
const FIRST_MS = [0, 5_000] as const
const AGAIN_MS = [500, 9_000] as const
const MAX_VERSIONS = 3
/** How long what is there may take to show, in ms (promise P9). */
const PROMPT_MS = 500
/** How long a list may wait for variants that are not there, in ms: longer than any target duration here. */
const LONGEST_WAIT_MS = 10_000

/** Whoever sends the multivariant playlist; some variants come later than it, or never. */
export class MultivariantEncoder {
  readonly name: string
  readonly #post: Post
  readonly #variants: readonly Viewer[]
  readonly #endings: Endings | undefined
  #acknowledgedAt = Number.POSITIVE_INFINITY
  #bornAt = 0

  constructor(
    name: string,
    random: Random,
    sender: Sender,
    variants: readonly Viewer[],
    startsAt: number,
    endings: Endings | undefined,
  ) {
    this.name = name
    this.#post = new Post(random, sender)
    this.#endings = endings
    endings?.leads(this)
    const stream = endings?.streamOf(name)
    if (stream !== undefined) this.#post.watchFor(stream, name)
    this.#variants = variants
    const lines = variants.flatMap(({ name }, index) => [
      `#EXT-X-STREAM-INF:BANDWIDTH=${index + 1}00000`,
      encodeURI(name),
    ])
    const bytes = new TextEncoder().encode(['#EXTM3U', '#EXT-X-VERSION:3', ...lines, ''].join('\n'))
    let at = startsAt + this.#post.ms(FIRST_MS)
    for (let left = random.whole(1, MAX_VERSIONS); left > 0; left--) {
      const acknowledged = (now: number) => {
        this.#acknowledgedAt = Math.min(this.#acknowledgedAt, now)
      }
      this.#post.put(name, bytes, at, { acknowledged })
      at += this.#post.ms(AGAIN_MS)
    }
  }

  get nextAt(): number {
    return this.#post.agenda.nextAt
  }

  next(): Promise<void> {
    return this.#post.agenda.next()
  }

  /** It was removed with what it led to. */
  forget(): void {
    this.#acknowledgedAt = Number.POSITIVE_INFINITY
  }

  /** The receiver began to run. */
  started(at: number): void {
    this.#bornAt = at
  }

  /** Variants that are served, and should have shown by `at`, but do not; storage failed at `failedAt` last. */
  late(text: string, at: number, failedAt: number): string[] {
    const shown = text === '' ? [] : readServed(text).variants.map(decodeURIComponent)
    // Nothing is served before all variants are, or were waited for long enough.
    const all = Math.max(...this.#variants.map(({ servedSince = Number.POSITIVE_INFINITY }) => servedSince))
    const complete = text === '' ? Math.min(all, this.#acknowledgedAt + LONGEST_WAIT_MS) : 0
    return this.#variants.flatMap(({ name, servedSince = Number.POSITIVE_INFINITY }) => {
      const since = Math.max(servedSince, complete, this.#acknowledgedAt, this.#bornAt)
      const isLate = since + PROMPT_MS < at && failedAt < since && this.#endings?.isLeaving(name, at) !== true
      return isLate && !shown.includes(name) ? [`P9: ${this.name} does not show ${name} since ${at - since} ms`] : []
    })
  }
}
