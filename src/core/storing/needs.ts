/** What must be in the store before a playlist is whole there: stored names by store key. */
export class Needs {
  readonly #names = new Map<string, string>()
  #listeners: (() => void)[] = []

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
    if (this.isEmpty) for (const resolve of this.#listeners.splice(0)) resolve()
  }

  /** Resolves when the store has everything. */
  met(): Promise<void> {
    return this.isEmpty ? Promise.resolve() : new Promise((resolve) => this.#listeners.push(resolve))
  }
}
