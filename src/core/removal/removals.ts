import type { RunDates } from '../archive/run-dates.ts'
import { streamOf } from '../archive/run-dates.ts'
import { REMOVAL_PAUSE_MS, REMOVAL_RETRY_MS } from '../limits.ts'
import type { Host, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson } from '../records.ts'
import type { ForgetPlaylistParts } from './forget-playlist.ts'
import type { PlaylistRemovals } from './playlist-removals.ts'
import { firstItems, type ItemKind, itemsOf, itemWrite, type RemovalNote } from './removal-note.ts'
import { type RemoveFilesParts, removePage } from './remove-files.ts'
import { removeTexts } from './remove-texts.ts'
import { spareNamed } from './spare-named.ts'
import { noteStrays } from './strays.ts'
import { isCalledAfter } from './uses.ts'

/** Playlists that the store may have. */
const TEXTS: readonly ItemKind[] = ['playlist', 'multivariant', 'text']

/** What removals are made of. */
export interface RemovalsParts extends RemoveFilesParts, ForgetPlaylistParts {
  readonly host: Host
  readonly dates: RunDates
  readonly playlists: PlaylistRemovals
  /** Whether the store does not answer. */
  isStoreDown(): boolean
}

/** What is to be removed: playlists, with all that was recorded of them. */
export interface RemovalScope {
  readonly app: string
  /** The stream that is meant, with its folder; all of it, or just these playlists. */
  readonly stream: string
  readonly isWhole: boolean
  readonly playlists: readonly string[]
  readonly owners: readonly string[]
  readonly lastId: string
}

/** Files that are to be removed. */
export interface FilesScope {
  readonly app: string
  /** The stream that they are of, with its folder. */
  readonly stream: string
  /** Stored names. */
  readonly files: ReadonlySet<string>
  /** Names of playlists that the store may have, and that are served no more. */
  readonly texts: readonly string[]
}

/**
 * Removes playlists with all that was recorded of them. What is to go is written down first; then the playlists go, here and from the
 * store, and after a pause what they name, page by page. Whatever fails is tried again, and goes on at the next start.
 */
export class Removals {
  readonly #parts: RemovalsParts
  /** Those that are not done, by id. */
  readonly #active = new Map<string, RemovalNote>()
  /** One works at a time. */
  #working: Promise<void> = Promise.resolve()
  readonly #timers = new Set<() => void>()
  #isStopped = false

  constructor(parts: RemovalsParts) {
    this.#parts = parts
  }

  /** Nothing that came under an id before this one is of a playlist of this name; empty: whatever came may be. */
  bornFrom(app: string, name: string): string {
    let from = ''
    for (const note of this.#active.values()) if (isOf(note, app, name) && note.id > from) from = note.id
    return from
  }

  /** Whether the store may still have playlists of an app that are being removed, and so are not known any more. */
  hasTexts(app: string): boolean {
    const { journal } = this.#parts
    const isLeft = ({ id }: RemovalNote) => TEXTS.some((kind) => firstItems(journal, id, kind, 1).length > 0)
    return [...this.#active.values()].some((note) => note.app === app && isLeft(note))
  }

  /**
   * Begins a removal, in the same batch with `writes`: what is uploaded from now on stays. Resolves when none of the playlists is served
   * any more; rejects, and removes nothing, where it could not be written down.
   */
  async begin(scope: RemovalScope, writes: readonly JournalWrite[]): Promise<void> {
    const { host, journal, dates, playlists } = this.#parts
    const { app, stream, owners, lastId } = scope
    const startedAt = dates.newest(app, playlistOf(stream))?.startedAt
    const note: RemovalNote = {
      ...{ id: host.nextId(), app, stream, owners, lastId },
      ...(scope.isWhole ? {} : { playlists: scope.playlists }),
      ...(startedAt === undefined ? {} : { startedAt }),
    }
    this.#active.set(note.id, note)
    const noted = journal.commit([
      ...writes,
      jsonWrite(keys.removal(note.id), note),
      ...scope.playlists.map((name) => itemWrite(note.id, 'playlist', name)),
    ])
    const forgotten = playlists.forget(note, scope.playlists, noted)
    try {
      await noted
    } catch (error) {
      this.#active.delete(note.id)
      throw error
    }
    host.log.info('removal begins', { app, stream, playlists: scope.playlists.length })
    await forgotten
    this.#later(note, 0, false)
  }

  /** Begins to remove files that no list leads to any more, and texts in the store, in the same batch with `writes`. */
  async beginFiles({ app, stream, files, texts }: FilesScope, writes: readonly JournalWrite[]): Promise<void> {
    const { host, journal, playlists } = this.#parts
    const id = host.nextId()
    const note: RemovalNote = { id, app, stream, playlists: [], owners: [], lastId: id }
    const kindOf = (stored: string) => (isCalledAfter(stored, playlistOf(stream)) ? 'file' : 'shared')
    await journal.commit([
      ...writes,
      jsonWrite(keys.removal(id), note),
      ...texts.map((name) => itemWrite(id, 'text', name)),
      ...[...files].map((stored) => itemWrite(id, kindOf(stored), stored)),
    ])
    this.#active.set(id, note)
    playlists.leave(note, texts)
    this.#later(note, 0, false)
  }

  /** Takes up what was not done when the receiver stopped; nothing may be uploaded before it resolves. */
  async recover(): Promise<void> {
    const { journal, playlists } = this.#parts
    for (const [key] of [...journal.entries(keys.removal(''))]) {
      const note = readJson<RemovalNote>(journal, key)
      if (note === undefined) continue
      this.#active.set(note.id, note)
      await playlists.recover(note)
      // They are not in the recording any more, and must not pass for files that no list ever named.
      if (note.playlists?.length === 0) this.#parts.leaving.add(note.app, itemsOf(journal, note.id, 'file'))
      this.#later(note, 0, false)
    }
  }

  /** Begins nothing any more; resolves when what runs has come to where it can go on. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const cancel of this.#timers) cancel()
    await this.#working
  }

  #later(note: RemovalNote, ms: number, isAlone: boolean): void {
    if (this.#isStopped) return
    const cancel = this.#parts.host.clock.after(ms, () => {
      this.#timers.delete(cancel)
      this.#working = this.#working.then(() => this.#attempt(note, isAlone))
    })
    this.#timers.add(cancel)
  }

  /** `isAlone`: nobody who has read the playlists is still to be waited for. */
  async #attempt(note: RemovalNote, isAlone: boolean): Promise<void> {
    const { host } = this.#parts
    if (this.#isStopped) return
    const { app, stream } = note
    try {
      if (this.#parts.isStoreDown()) this.#later(note, REMOVAL_RETRY_MS, isAlone)
      else if (!isAlone) {
        await this.#removeTexts(note)
        this.#later(note, REMOVAL_PAUSE_MS, true)
      } else if (await this.#removeFiles(note)) host.log.info('removed', { app, stream })
    } catch (cause) {
      host.log.warn('removal goes on later', { app, stream, cause })
      this.#later(note, REMOVAL_RETRY_MS, isAlone)
    }
  }

  async #removeTexts(note: RemovalNote): Promise<void> {
    for (const kind of ['multivariant', 'text'] as const) {
      for (let left = await removeTexts(this.#parts, note, kind); left.length > 0; ) {
        this.#parts.playlists.free(note, left)
        left = await removeTexts(this.#parts, note, kind)
      }
    }
  }

  #streamsGoing(app: string): string[] {
    return [...this.#active.values()].filter((note) => note.app === app).map(({ stream }) => stream)
  }

  /** Resolves with false where it was stopped before everything was gone. */
  async #removeFiles(note: RemovalNote): Promise<boolean> {
    const { host, journal, dates } = this.#parts
    const { app, stream, startedAt, playlists } = note
    if (playlists === undefined) {
      await noteStrays(this.#parts, note, this.#streamsGoing(app))
      await dates.forget(app, playlistOf(stream), startedAt)
    }
    await spareNamed(host.clock, journal, note)
    for (const kind of ['file', 'shared'] as const) {
      while (await removePage(this.#parts, note, kind)) if (this.#isStopped) return false
    }
    await journal.commit([{ key: keys.removal(note.id), value: null }])
    this.#active.delete(note.id)
    return true
  }
}

function isOf(note: RemovalNote, app: string, name: string): boolean {
  if (note.app !== app) return false
  return note.playlists === undefined ? streamOf(name) === note.stream : note.playlists.includes(name)
}

/** What the plain playlist of a stream is called. */
function playlistOf(stream: string): string {
  return `${stream}.m3u8`
}
