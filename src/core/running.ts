/** Work that runs, so that an end can wait for it. */
export class Running {
  #count = 0
  #wake: (() => void)[] = []

  /** Does a piece of work, and counts it until it is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count++
    try {
      return await work()
    } finally {
      this.#count--
      if (this.#count === 0) for (const wake of this.#wake.splice(0)) wake()
    }
  }

  /** Resolves as soon as nothing runs. */
  none(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#wake.push(resolve))
  }
}
