import { dangling } from './dangling.ts'
import { mediaList, names, type Trial } from './trial.ts'

/** Entries of the live list, each of 2 s. */
export const WINDOW = 3

interface SendOptions {
  /** The last lines of the last list. */
  readonly foot?: readonly string[]
  /** Tells the bytes of one run from those of another. */
  readonly mark?: string
}

/** Pushes segments as they come live, and looks at each step for what playlists lead to and nobody gets. */
export class LivePush {
  /** What was led to, and nobody got. */
  readonly wrong: string[] = []
  readonly #trial: Trial
  readonly #prefix: string

  constructor(trial: Trial, prefix = 'a') {
    this.#trial = trial
    this.#prefix = prefix
  }

  get #list(): string {
    return `${this.#prefix}.m3u8`
  }

  /** Sends the segments from one number up to and without another, each with a list. */
  async send(from: number, to: number, { foot = [], mark = '' }: SendOptions = {}): Promise<void> {
    for (let number = from; number < to; number++) {
      await this.#trial.put(`${this.#prefix}${number}.ts`, `${this.#prefix}${number}.ts${mark}`)
      const first = Math.max(from, number - WINDOW + 1)
      const own = names(this.#prefix, number - first + 1, first)
      await this.#trial.put(this.#list, mediaList(first, own, ...(number === to - 1 ? foot : [])))
      await this.watch(2_000)
    }
  }

  /** Lets time go by. */
  async watch(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 2_000) {
      await this.#trial.clock.advance(2_000)
      const runs = (await this.#trial.served(this.#list)) === undefined ? [] : await this.#trial.runs(this.#list)
      this.wrong.push(...(await dangling(this.#trial, [this.#list, ...runs])))
      await this.#trial.recorded(this.#list).catch((error: unknown) => this.wrong.push(`recording: ${String(error)}`))
    }
  }
}
