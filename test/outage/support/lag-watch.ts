import { readServed } from '../../../src/testing/index.ts'

const STEP_MS = 100

/** When the newest entries of a playlist were first seen, at the origin and in the bucket, in ms since the epoch. */
interface Seen {
  readonly atOrigin: Map<number, number>
  readonly inBucket: Map<number, number>
}

/** Looks at playlists in two places, and tells how far the one is behind the other. */
export class LagWatch {
  readonly #origin: string
  readonly #bucket: string
  readonly #seen: ReadonlyMap<string, Seen>
  #oldestMs = 0
  #isStopped = false
  #watching: Promise<void> = Promise.resolve()

  /** The URLs that names of playlists are appended to. */
  constructor(origin: string, bucket: string, names: readonly string[]) {
    this.#origin = origin
    this.#bucket = bucket
    this.#seen = new Map(names.map((name) => [name, { atOrigin: new Map(), inBucket: new Map() }]))
  }

  start(): void {
    this.#watching = this.#watch()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#watching
  }

  /** How old the newest entry at the origin ever was, in ms, since the last call. */
  takeOldest(): number {
    const oldest = this.#oldestMs
    this.#oldestMs = 0
    return oldest
  }

  /** The longest time, in ms, from an entry's first sight at the origin, between two moments, to that in the bucket. */
  worstLag(from: number, to: number): number {
    let worst = 0
    for (const { atOrigin, inBucket } of this.#seen.values()) {
      for (const [number, at] of atOrigin) {
        if (at < from || at > to) continue
        // The bucket's list may skip an entry: it shows it, or a later one.
        const later = [...inBucket].filter(([other]) => other >= number).map(([, seenAt]) => seenAt)
        worst = Math.max(worst, Math.min(Number.POSITIVE_INFINITY, ...later) - at)
      }
    }
    return worst
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      await Promise.all([...this.#seen].map(([name, seen]) => this.#look(name, seen)))
      await new Promise((resolve) => setTimeout(resolve, STEP_MS))
    }
  }

  async #look(name: string, { atOrigin, inBucket }: Seen): Promise<void> {
    note(atOrigin, await newest(this.#origin + name))
    note(inBucket, await newest(this.#bucket + name))
    const last = [...atOrigin.values()].at(-1)
    if (last !== undefined) this.#oldestMs = Math.max(this.#oldestMs, Date.now() - last)
  }
}

function note(seen: Map<number, number>, number: number | undefined): void {
  if (number !== undefined && !seen.has(number)) seen.set(number, Date.now())
}

/** The number of the last entry; undefined when there is none, or nobody answers. */
async function newest(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(url)
    const text = await answer.text()
    return answer.ok ? readServed(text).entries.findLast(({ isGap }) => !isGap)?.number : undefined
  } catch {
    return undefined
  }
}
