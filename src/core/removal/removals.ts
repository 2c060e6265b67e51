import type { RunDates } from '../archive/run-dates.ts'
import { streamOf } from '../archive/run-dates.ts'
import { runsOf } from '../archive/runs.ts'
import { REMOVAL_ARRIVING_MS, REMOVAL_PAUSE_MS, REMOVAL_RETRY_MS } from '../limits.ts'
import type { Host, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, readJson } from '../records.ts'
import type { PlaylistRemovals } from './playlist-removals.ts'
import { firstItems, type ItemKind, itemsOf, itemWrite, type RemovalNote } from './removal-note.ts'
import { doomPage, type RemoveFilesParts, removeDoomed } from './remove-files.ts'
import { removeTexts } from './remove-texts.ts'
import { spareNamed } from './spare-named.ts'
import { noteStrays, type StraysParts } from './strays.ts'
import { isCalledAfter } from './uses.ts'

/** Playlists that the store may have. */
const TEXTS: readonly ItemKind[] = ['playlist', 'multivariant', 'text']

/** What removals are made of. */
export interface RemovalsParts extends RemoveFilesParts, StraysParts {
  readonly host: Host
  readonly dates: RunDates
  readonly playlists: PlaylistRemovals
  /** A playlist is gone, also from the store: what is made of those beside it may be made anew. */
  renditionGone(app: string, name: string): void
  /** Has a playlist look again for what it leads to. */
  lookAgain(app: string, name: string): Promise<void>
  /** Whether the store does not answer. */
  isStoreDown(): boolean
  /** Whether the store has a run as it is now, or nothing of it. */
  isRunStored(app: string, name: string): boolean
}

/** What is to be removed: playlists, with all that was recorded of them. */
export interface RemovalScope {
  readonly app: string
  /** The stream that is meant, with its folder; all of it, or just these playlists. */
  readonly stream: string
  readonly isWhole: boolean
  readonly playlists: readonly string[]
  /** Multivariant playlists of other streams that cannot be served without these. */
  readonly leading: readonly string[]
  readonly owners: readonly string[]
  readonly lastId: string
  /** What no list named, and came under this id or later, stays; absent: what comes from now on. */
  readonly straysTo?: string
}

/** Files that are to be removed. */
export interface FilesScope {
  readonly app: string
  /** The stream that they are of, with its folder. */
  readonly stream: string
  /** Stored names. */
  readonly files: ReadonlySet<string>
  /** The playlists whose recordings led to them. */
  readonly cut: readonly string[]
  /** Names of playlists that the store may have, and that are served no more. */
  readonly texts: readonly string[]
}

/** A removal that is yet to be written down. */
export interface NotedRemoval {
  readonly writes: readonly JournalWrite[]
  begin(): void
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
    const { host, journal, dates, playlists, lookAgain } = this.#parts
    const { app, stream, owners, lastId, leading, straysTo } = scope
    const startedAt = dates.newest(app, playlistOf(stream))?.startedAt
    const note: RemovalNote = {
      ...{ id: host.nextId(), app, stream, owners, lastId },
      ...(scope.isWhole ? {} : { playlists: scope.playlists }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(straysTo === undefined ? {} : { straysTo }),
    }
    this.#active.set(note.id, note)
    const noted = journal.commit([
      ...writes,
      jsonWrite(keys.removal(note.id), note),
      ...leading.map((name) => itemWrite(note.id, 'leading', name)),
      ...scope.playlists.map((name) => itemWrite(note.id, 'playlist', name)),
    ])
    const forgotten = playlists.forget(note, [...leading, ...scope.playlists], noted)
    try {
      await noted
    } catch (error) {
      this.#active.delete(note.id)
      throw error
    }
    host.log.info('removal begins', { app, stream, playlists: scope.playlists.length })
    await forgotten
    this.#later(note, 0, false)
    await Promise.all(leading.map((name) => lookAgain(app, name)))
  }

  /** Begins to remove files that no list leads to any more, and texts in the store, in the same batch with `writes`. */
  async beginFiles(scope: FilesScope, writes: readonly JournalWrite[]): Promise<void> {
    const noted = this.noteFiles(scope, this.#parts.host.nextId())
    await this.#parts.journal.commit([...writes, ...noted.writes])
    noted.begin()
  }

  /** The same for whoever writes it down with something else: `begin` it when the `writes` are done. No upload that began later than `id` goes. */
  noteFiles({ app, stream, files, texts, cut }: FilesScope, id: string): NotedRemoval {
    const note: RemovalNote = { id, app, stream, playlists: [], cut, owners: [], lastId: id }
    const kindOf = (stored: string) => (isCalledAfter(stored, playlistOf(stream)) ? 'file' : 'shared')
    const writes = [
      jsonWrite(keys.removal(id), note),
      ...texts.map((name) => itemWrite(id, 'text', name)),
      ...[...files].map((stored) => itemWrite(id, kindOf(stored), stored)),
    ]
    const begin = () => {
      this.#active.set(id, note)
      this.#parts.playlists.leave(note, texts)
      this.#later(note, 0, false)
    }
    return { writes, begin }
  }

  /** Takes up what was not done when the receiver stopped; nothing may be uploaded before it resolves. */
  async recover(): Promise<void> {
    const { journal, playlists } = this.#parts
    for (const [key] of [...journal.entries(keys.removal(''))]) {
      const note = readJson<RemovalNote>(journal, key)
      if (note === undefined) continue
      this.#active.set(note.id, note)
      await playlists.recover(note)
      const { leaving } = this.#parts
      leaving.add(note.app, itemsOf(journal, note.id, 'doomed'))
      // They are not in the recording any more, and must not pass for files that no list ever named.
      if (note.playlists?.length !== 0) continue
      for (const kind of ['file', 'shared'] as const) leaving.add(note.app, itemsOf(journal, note.id, kind))
    }
  }

  /** Goes on with those, when all that the store is to get is known. */
  resume(): void {
    for (const note of this.#active.values()) this.#later(note, 0, false)
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
      const isNamed = this.#isNamedInStore(note) || (isAlone && note.cut !== undefined && this.hasTexts(app))
      if (this.#parts.isStoreDown() || isNamed) this.#later(note, REMOVAL_RETRY_MS, isAlone)
      else if (!isAlone) {
        await this.#removeTexts(note)
        this.#later(note, REMOVAL_PAUSE_MS, true)
      } else if (await this.#removeFiles(note)) host.log.info('removed', { app, stream })
    } catch (cause) {
      host.log.warn('removal goes on later', { app, stream, cause })
      this.#later(note, REMOVAL_RETRY_MS, isAlone)
    }
  }

  /** Whether the store may still have runs that lead to files which were taken out of them. */
  #isNamedInStore({ app, cut = [] }: RemovalNote): boolean {
    const { journal, isRunStored } = this.#parts
    return cut.some((name) => runsOf(journal, app, name).some((run) => !isRunStored(app, run.name)))
  }

  async #removeTexts(note: RemovalNote): Promise<void> {
    for (const kind of ['multivariant', 'text'] as const) {
      for (let left = await removeTexts(this.#parts, note, kind); left.length > 0; ) {
        this.#parts.playlists.free(note, left)
        left = await removeTexts(this.#parts, note, kind)
      }
    }
    for (const name of note.playlists ?? []) this.#parts.renditionGone(note.app, name)
  }

  /** The streams of which something is being removed. */
  #streamsGoing(app: string): string[] {
    return [...this.#active.values()].filter((note) => note.app === app).map(({ stream }) => stream)
  }

  /** Resolves with false where not everything is gone yet. */
  async #removeFiles(note: RemovalNote): Promise<boolean> {
    const { journal, dates } = this.#parts
    const { app, stream, startedAt, playlists } = note
    // What an attempt before this one left over is not looked at again.
    await this.#removeDoomed(note)
    if (playlists === undefined) {
      await noteStrays(this.#parts, note, this.#streamsGoing(app))
      await dates.forget(app, playlistOf(stream), startedAt)
    }
    await spareNamed(this.#parts, note)
    const arrive = [await this.#doom(note, 'file'), await this.#doom(note, 'shared')].includes(true)
    if (this.#isStopped) return false
    if (arrive) {
      this.#later(note, REMOVAL_ARRIVING_MS, true)
      return false
    }
    await journal.commit([{ key: keys.removal(note.id), value: null }])
    this.#active.delete(note.id)
    return true
  }

  /** Removes what is left of a kind; resolves with whether some of it still arrives. */
  async #doom(note: RemovalNote, kind: 'file' | 'shared'): Promise<boolean> {
    let found = await doomPage(this.#parts, note, kind)
    while (found === 'some' && !this.#isStopped) {
      await this.#removeDoomed(note)
      found = await doomPage(this.#parts, note, kind)
    }
    return found === 'waits'
  }

  async #removeDoomed(note: RemovalNote): Promise<void> {
    while (!this.#isStopped && (await removeDoomed(this.#parts, note)));
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
