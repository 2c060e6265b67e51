interface Plan {
  readonly at: number
  readonly run: (at: number) => void | Promise<void>
  /** Nobody waits for it. */
  readonly isLoose: boolean
}

/** What an encoder is going to do, in order of time. */
export class Agenda {
  #plans: Plan[] = []

  /** When the next thing is to be done, in ms; Infinity when there is none. */
  get nextAt(): number {
    return this.#plans.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY)
  }

  /** Whether there is nothing that anybody waits for. */
  get isDone(): boolean {
    return this.#plans.every(({ isLoose }) => isLoose)
  }

  add(at: number, run: (at: number) => void | Promise<void>, isLoose = false): void {
    this.#plans.push({ at, run, isLoose })
  }

  /** Does the next thing. */
  async next(): Promise<void> {
    const at = this.nextAt
    const plan = this.#plans.find((other) => other.at === at)
    this.#plans = this.#plans.filter((other) => other !== plan)
    await plan?.run(at)
  }
}
