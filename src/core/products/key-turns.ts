/** Work on the same key, one after the other, in the order in which it came. */
export class KeyTurns {
  /** The last of each key: resolves when it is over. */
  readonly #last = new Map<string, Promise<unknown>>()

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const done = before.then(work)
    const isOver = done.catch(() => undefined)
    this.#last.set(key, isOver)
    return done.finally(() => {
      if (this.#last.get(key) === isOver) this.#last.delete(key)
    })
  }
}
