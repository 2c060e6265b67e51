/** Whether everything that the last life left was tried once. */
export class Recovery {
  #isOver = true
  readonly #wakes = new Set<() => void>()

  /** It is over when all of these are. */
  begin(left: readonly Promise<void>[]): void {
    this.#isOver = false
    void Promise.all(left).then(() => {
      this.#isOver = true
      for (const wake of this.#wakes) wake()
      this.#wakes.clear()
    })
  }

  /** Calls `wake` when it is over; what it returns takes that back. */
  whenOver(wake: () => void): () => void {
    if (this.#isOver) wake()
    else this.#wakes.add(wake)
    return () => void this.#wakes.delete(wake)
  }
}
