import { REMOVAL_RETRY_MS } from '../limits.ts'
import type { PlaylistState } from '../playlist-states.ts'
import type { Host } from '../ports.ts'
import type { RunPlaylists } from '../run-playlists.ts'
import type { Silence } from '../silence.ts'
import type { StoreRemovals } from '../storing/store-removals.ts'
import { type ForgetPlaylistParts, forgetRecording, noteFiles, unserved, waitsAgain } from './forget-playlist.ts'
import { hasLostAll } from './other-playlists.ts'
import { hasItem, itemDone, itemsOf, type RemovalNote } from './removal-note.ts'
import { pause } from './slices.ts'

/** What takes playlists out of what is served. */
export interface PlaylistRemovalsParts extends ForgetPlaylistParts {
  readonly host: Host
  readonly silence: Silence
  readonly runs: RunPlaylists
  readonly store: StoreRemovals
}

/** Takes playlists out of what is served, each in its turn: whoever uploads one meanwhile begins it anew. */
export class PlaylistRemovals {
  readonly #parts: PlaylistRemovalsParts
  /** What frees the names of playlists that the store may still have, by the removal and the name. */
  readonly #free = new Map<string, () => void>()
  #isStopped = false

  constructor(parts: PlaylistRemovalsParts) {
    this.#parts = parts
  }

  /** Resolves when none of these is served; what is uploaded from now on waits for it. Nothing happens unless the removal is `noted`. */
  async forget(note: RemovalNote, names: readonly string[], noted: Promise<void>): Promise<void> {
    const { states } = this.#parts
    const isNoted = noted.then(
      () => true,
      () => false,
    )
    let before: Promise<unknown> = isNoted
    for (const name of names) {
      const state = states.use(note.app, name)
      const forgetting = before
      // One after the other, so that what leads to others goes before them.
      before = states.inTurn(state, async () => {
        await forgetting
        if (await isNoted) await this.#forget(note, state)
      })
    }
    await before
  }

  /** Goes on where the last life stopped; resolves when none is served. */
  async recover(note: RemovalNote): Promise<void> {
    const { clock, journal } = this.#parts
    for (const name of [...itemsOf(journal, note.id, 'archive')]) await forgetRecording(clock, journal, note, name)
    const names = (['leading', 'playlist'] as const).flatMap((kind) => [...itemsOf(journal, note.id, kind)])
    await this.forget(note, names, Promise.resolve())
    for (const kind of ['multivariant', 'text'] as const) {
      this.leave(note, itemsOf(journal, note.id, kind))
    }
  }

  /** Playlists are served no more: what comes under their names waits until they are gone from the store. */
  leave({ id, app }: RemovalNote, names: Iterable<string>): void {
    for (const name of names) {
      const key = `${id} ${name}`
      if (!this.#free.has(key)) this.#free.set(key, this.#parts.store.leave(app, name))
    }
  }

  /** Playlists are gone from the store: their names are free. */
  free({ id }: RemovalNote, names: readonly string[]): void {
    for (const name of names) {
      this.#free.get(`${id} ${name}`)?.()
      this.#free.delete(`${id} ${name}`)
    }
  }

  /** What cannot be done now goes on at the next start. */
  stop(): void {
    this.#isStopped = true
  }

  async #forget(note: RemovalNote, state: PlaylistState): Promise<void> {
    const { host, states } = this.#parts
    for (;;) {
      try {
        await this.#tryForget(note, state)
        return
      } catch (cause) {
        host.log.warn('playlist not removed yet', { app: state.app, name: state.name, cause })
        // What came for it now would go with it at the next start.
        if (this.#isStopped) return states.close(state)
        await pause(host.clock, REMOVAL_RETRY_MS)
      }
    }
  }

  async #tryForget(note: RemovalNote, state: PlaylistState): Promise<void> {
    const { clock, journal, states, silence, runs } = this.#parts
    const { app, name } = state
    const isLeading = hasItem(journal, note.id, 'leading', name)
    if (isLeading && !hasLostAll(journal, app, state.record)) return this.#takeOut(note, state)
    if (isLeading || hasItem(journal, note.id, 'playlist', name)) {
      await noteFiles(this.#parts, note, state)
      silence.published(app, name, false)
      const writes = unserved(journal, note, state)
      await journal.commit(writes)
      states.reset(state)
      const texts = [name, ...runs.namesOf(app, name)]
      this.leave(note, [...texts, ...itemsOf(journal, note.id, 'multivariant')])
    }
    await runs.forget(app, name)
    await forgetRecording(clock, journal, note, name)
  }

  /** What was accepted stays: it is served again with what is left, or comes. */
  async #takeOut(note: RemovalNote, state: PlaylistState): Promise<void> {
    const { journal, states } = this.#parts
    const { name, record } = state
    if (record?.kind !== 'multivariant') return journal.commit([itemDone(note.id, 'leading', name)])
    const { served: _, ...left } = record
    await journal.commit(waitsAgain(journal, note, state, left))
    state.record = left
    state.text = undefined
    states.account(state)
    this.leave(note, [name])
  }
}
