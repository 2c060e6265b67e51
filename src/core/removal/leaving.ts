import { storeKey } from '../storing/store-key.ts'

/** What is just being removed, so that nobody begins to use it meanwhile: objects and playlists by their store keys. */
export class Leaving {
  readonly #hidden = new Set<string>()

  /** Whether nobody may be led to a name any more. */
  has(app: string, name: string): boolean {
    return this.#hidden.size > 0 && this.#hidden.has(storeKey(app, name))
  }

  add(app: string, names: Iterable<string>): void {
    for (const name of names) this.#hidden.add(storeKey(app, name))
  }

  delete(app: string, names: Iterable<string>): void {
    for (const name of names) this.#hidden.delete(storeKey(app, name))
  }
}
