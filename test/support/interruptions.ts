import { StorageError } from '../../src/core/object-store.ts'
import type { Trial } from './trial.ts'

/** What may happen to the nth change that a receiver makes from now on: nothing of it, or all but the answer; or it fails once. */
export type Interruption = 'before' | 'after' | 'fails'

/** Counts the changes of a receiver's journal and bodies, and what it deletes from its store, and interrupts one of them. */
export class Interruptions {
  changes = 0
  #at = 0
  #how: Interruption = 'fails'
  #isDead = false
  readonly #undo: () => void

  constructor(trial: Trial) {
    const { journal, store, files } = trial
    const { commit } = journal
    const { delete: remove } = store
    const { remove: removeFiles } = files
    journal.commit = (writes) => this.#do(() => commit.call(journal, writes))
    store.delete = (keys) => this.#do(() => remove.call(store, keys))
    files.remove = (ids) => this.#do(() => removeFiles.call(files, ids))
    this.#undo = () => {
      Object.assign(journal, { commit })
      Object.assign(store, { delete: remove })
      Object.assign(files, { remove: removeFiles })
    }
  }

  /** Interrupts the nth change from now on; 0: none. */
  interrupt(at: number, how: Interruption): void {
    this.changes = 0
    this.#at = at
    this.#how = how
  }

  /** Everything works again. */
  end(): void {
    this.#undo()
  }

  async #do(change: () => Promise<void>): Promise<void> {
    this.changes++
    if (this.#isDead) return new Promise(() => undefined)
    if (this.changes !== this.#at) return change()
    if (this.#how === 'fails') throw new StorageError('unavailable', true)
    this.#isDead = true
    if (this.#how === 'after') await change()
    return new Promise(() => undefined)
  }
}
