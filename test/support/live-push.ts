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

interface SentLive {
  /** The last lines of the last list. */
  readonly foot?: readonly string[]
  /** What each entry plays, in seconds; the next one comes after that. */
  readonly seconds?: number
  /** Another time after which the next one comes, in ms. */
  readonly everyMs?: number
  /** The bytes of each segment; by default its name. */
  readonly body?: (name: string) => string
}

/** Pushes segments as they come live, from one number up to and without another, and looks at nothing meanwhile: that is fast. */
export async function sendLive(
  trial: Trial,
  prefix: string,
  [from, to]: readonly [number, number],
  { foot = [], seconds = 2, everyMs = seconds * 1_000, body = (name) => name }: SentLive = {},
): Promise<void> {
  for (let number = from; number < to; number++) {
    const name = `${prefix}${number}.ts`
    await trial.put(name, body(name))
    const first = Math.max(0, number - WINDOW + 1)
    const list = mediaList(first, names(prefix, number - first + 1, first), ...(number === to - 1 ? foot : []))
    await trial.put(`${prefix}.m3u8`, lasting(list, seconds))
    await trial.clock.advance(everyMs)
  }
}

/** A list of entries of 2 s, whose entries play so long. */
function lasting(list: string, seconds: number): string {
  return list.replaceAll('EXTINF:2.0', `EXTINF:${seconds}.0`).replace('DURATION:2', `DURATION:${seconds}`)
}
