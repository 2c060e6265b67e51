import { readFileSync } from 'node:fs'

/** Time between two readings, in ms. */
const STEP_MS = 50

interface Reading {
  /** In ms since the epoch. */
  readonly at: number
  /** All that the thread has waited so far, in ms. */
  readonly waitedMs: number
}

/** How long this thread was ready to run and got no CPU. One that a bug keeps busy, or asleep, does not wait for a CPU. */
export class CpuWait {
  readonly #readings: Reading[] = []
  readonly #read: () => Reading
  #timer: NodeJS.Timeout | undefined

  constructor(read = readNow) {
    this.#read = read
  }

  /** Begins to read. */
  start(): void {
    this.note()
    this.#timer = setInterval(() => this.note(), STEP_MS)
  }

  /** Reads once more. */
  note(): void {
    this.#readings.push(this.#read())
  }

  stop(): void {
    clearInterval(this.#timer)
    this.note()
  }

  /** The most that it can have waited from one time to another, in ms since the epoch. */
  during(from: number, to: number): number {
    return this.#readings.reduce((sum, { at, waitedMs }, index) => {
      const before = this.#readings[index - 1] ?? { at, waitedMs }
      const overlap = Math.min(to, at) - Math.max(from, before.at)
      return sum + Math.max(0, Math.min(overlap, waitedMs - before.waitedMs))
    }, 0)
  }
}

/** Only Linux tells; elsewhere nothing is known to have waited. */
function readNow(): Reading {
  return { at: Date.now(), waitedMs: nanosecondsWaited() / 1e6 }
}

function nanosecondsWaited(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1])
  } catch {
    return 0
  }
}
