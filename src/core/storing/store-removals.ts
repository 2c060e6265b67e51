import type { ObjectStore } from '../object-store.ts'
import type { HeldUploads } from './held-uploads.ts'
import type { PlaylistWriter } from './playlist-writer.ts'
import type { Settlement } from './settlement.ts'
import { storeKey } from './store-key.ts'

/** What removes from the store. */
export interface StoreRemovalsParts {
  readonly store: ObjectStore
  readonly playlists: PlaylistWriter
  readonly settlement: Settlement
  readonly held: HeldUploads
  /** Resolves when an object is on its way to the store no more. */
  pending(key: string): Promise<void> | undefined
}

/** A playlist that is being removed. */
interface LeavingPlaylist {
  /** Resolves when it is. */
  readonly isRemoved: Promise<void>
  readonly finish: () => void
  /** Resolves when no attempt to write it runs any more. */
  isForgotten: Promise<unknown>
  /** How often it is being removed: another may have come and gone under its name meanwhile. */
  count: number
}

/** Takes objects and playlists out of the store, also those that are still on their way to it: none of them shows up again. */
export class StoreRemovals {
  readonly #parts: StoreRemovalsParts
  readonly #gone = new Set<string>()
  readonly #leaving = new Map<string, LeavingPlaylist>()

  constructor(parts: StoreRemovalsParts) {
    this.#parts = parts
  }

  /** Whether an object is being removed: it is not put any more. */
  isGone(key: string): boolean {
    return this.#gone.has(key)
  }

  /** Removes objects, at most a page, that nothing leads to any more. Throws StorageError. */
  async removeObjects(app: string, names: readonly string[]): Promise<void> {
    const all = names.map((name) => storeKey(app, name))
    for (const key of all) this.#gone.add(key)
    try {
      for (const name of names) this.#parts.held.release(app, name)
      await Promise.all(all.map((key) => this.#parts.pending(key)))
      await this.#delete(all)
    } finally {
      for (const key of all) this.#gone.delete(key)
    }
  }

  /** Resolves when an older playlist of the same key is removed; undefined: none is. */
  leaving(key: string): Promise<void> | undefined {
    return this.#leaving.get(key)?.isRemoved
  }

  /**
   * A playlist is served no more: it is not written again, and what is to be written under its name waits until the returned function
   * is called.
   */
  leave(app: string, name: string): () => void {
    const key = storeKey(app, name)
    const leaving = this.#leaving.get(key) ?? newLeaving()
    this.#leaving.set(key, leaving)
    leaving.count++
    this.#parts.held.release(app, name)
    leaving.isForgotten = Promise.all([leaving.isForgotten, this.#parts.playlists.forget(app, name)])
    return () => {
      leaving.count--
      if (leaving.count > 0) return
      this.#leaving.delete(key)
      leaving.finish()
    }
  }

  /** Removes playlists, at most a page, that are leaving. Throws StorageError. */
  async removePlaylists(app: string, names: readonly string[]): Promise<void> {
    const { settlement } = this.#parts
    const all = names.map((name) => storeKey(app, name))
    await Promise.all(all.map((key) => this.#leaving.get(key)?.isForgotten))
    for (const name of names) settlement.forgetPlaylist(app, name)
    await this.#delete(all)
  }

  /** Deletes for good: once nobody remembers what is to go, it must not come back when the power fails. */
  async #delete(all: readonly string[]): Promise<void> {
    const { store } = this.#parts
    await store.delete(all)
    await store.flush()
  }
}

function newLeaving(): LeavingPlaylist {
  let finish = () => {}
  const isRemoved = new Promise<void>((resolve) => {
    finish = resolve
  })
  return { isRemoved, finish: () => finish(), isForgotten: Promise.resolve(), count: 0 }
}
