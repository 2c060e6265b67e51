import { segmentNames } from './encoder-files.ts'
import type { WrittenEntry } from './encoder-text.ts'
import type { Habits } from './habits.ts'
import type { LastingModel } from './lasting-model.ts'
import type { Post } from './post.ts'

/** Segments that leave the list of an encoder for good: it deletes each before the list that shows it no more (facts of encoders). */
export class LeavingSegments {
  readonly #habits: Habits
  readonly #post: Post
  readonly #model: LastingModel
  readonly #clock: number
  /** URIs that were deleted. */
  readonly #left = new Set<string>()

  /** `clock` is what names are made of beside numbers. */
  constructor(habits: Habits, post: Post, model: LastingModel, clock: number) {
    this.#habits = habits
    this.#post = post
    this.#model = model
    this.#clock = clock
  }

  /** Deletes those of `entries` that no list shows from `at` on, however far its window still widens. */
  delete(at: number, entries: readonly WrittenEntry[]): void {
    const { type, window, windowJitter, names } = this.#habits
    if (type !== 'live' || names === 'twins') return
    for (const { uri, number } of entries.slice(0, -(window + windowJitter + 1))) {
      if (this.#left.has(uri)) continue
      this.#left.add(uri)
      const { name } = segmentNames(this.#habits, number, this.#clock)
      this.#post.agenda.add(at, () => this.#send(name, uri))
    }
  }

  /** What came under that name before, in whichever life, may be gone from the recording. */
  #send(name: string, uri: string): void {
    const { sender } = this.#post
    if (!sender.delete(name)) return
    for (const entry of this.#model.written.values()) if (entry.uri === uri) sender.deleted.add(entry.id)
  }
}
