import type { Journal, JournalWrite } from '../ports.ts'
import { keys } from '../records.ts'

/** A removal that is not done, as the journal keeps it. */
export interface RemovalNote {
  /** Nothing that was uploaded from this id on goes. */
  readonly id: string
  readonly app: string
  /** The stream that is meant, with its folder. */
  readonly stream: string
  /** Some of its playlists alone; absent: all of it. */
  readonly playlists?: readonly string[]
  /** Of files alone: playlists whose recordings led to them; the runs of those are to be stored without them before they go. */
  readonly cut?: readonly string[]
  /** The keys that its playlists came with. */
  readonly owners: readonly string[]
  /** Id of the newest of its playlists: under a name that others use too, what came later is not of it. */
  readonly lastId: string
  /** What no list named, and came under this id or later, is not of it; absent: all that came before it began may be. */
  readonly straysTo?: string
  /** When its newest run began, in ms since the epoch. */
  readonly startedAt?: number
}

/**
 * What is left to be removed: `leading`, a multivariant playlist of another stream that cannot be served without what goes; `playlist`,
 * one that is still served; `archive`, one whose recording is left in the journal; `multivariant` and `text`, names of playlists in the
 * store; `file`, the stored name of a segment, init section or key, and `shared`, that of one which is not called after the stream,
 * though a list of it named it; `doomed`, a file of these that goes for certain: the store may not have it any more.
 */
export type ItemKind = 'leading' | 'playlist' | 'archive' | 'multivariant' | 'text' | 'file' | 'shared' | 'doomed'

const LETTERS: Readonly<Record<ItemKind, string>> = {
  leading: 'l',
  playlist: 'p',
  archive: 'a',
  multivariant: 'm',
  text: 't',
  file: 'f',
  shared: 's',
  doomed: 'd',
}
const NOTHING = new Uint8Array(0)

/** Writes down something that is left to be removed. */
export function itemWrite(id: string, kind: ItemKind, name: string): JournalWrite {
  return { key: keys.removalItem(id, LETTERS[kind], name), value: NOTHING }
}

/** Crosses it off. */
export function itemDone(id: string, kind: ItemKind, name: string): JournalWrite {
  return { key: keys.removalItem(id, LETTERS[kind], name), value: null }
}

/** Whether it is left to be removed. */
export function hasItem(journal: Journal, id: string, kind: ItemKind, name: string): boolean {
  return journal.get(keys.removalItem(id, LETTERS[kind], name)) !== undefined
}

/** The names that are left of a kind, in the order of their bytes. */
export function* itemsOf(journal: Journal, id: string, kind: ItemKind): Generator<string> {
  const prefix = keys.removalItems(id, LETTERS[kind])
  for (const [key] of journal.entries(prefix)) yield key.slice(prefix.length)
}

/** The first of them, at most `most`. */
export function firstItems(journal: Journal, id: string, kind: ItemKind, most: number): string[] {
  const names: string[] = []
  for (const name of itemsOf(journal, id, kind)) {
    names.push(name)
    if (names.length >= most) break
  }
  return names
}
