/** What must be in the store before a playlist is whole there: stored names by store key. One may wait for it at a time. */
export class Needs {
  readonly #names = new Map<string, string>()
  #onMet: () => void = () => {}

  get isEmpty(): boolean {
    return this.#names.size === 0
  }

  names(): string[] {
    return [...this.#names.values()]
  }

  add(key: string, name: string): void {
    this.#names.set(key, name)
  }

  delete(key: string): void {
    this.#names.delete(key)
    if (this.isEmpty) this.#onMet()
  }

  /** Calls `onMet` when the store has everything, instead of what was to be called before. */
  whenMet(onMet: () => void): void {
    this.#onMet = onMet
    if (this.isEmpty) onMet()
  }
}
