import type { Journal, JournalWrite } from '../ports.ts'
import type { LeadingPlaylists } from './leading-playlists.ts'
import { playlistsOf } from './other-playlists.ts'
import type { Removals } from './removals.ts'

/** What removes a playlist. */
export interface RemovePlaylistParts {
  readonly journal: Journal
  readonly leading: LeadingPlaylists
  readonly removals: Removals
}

/** A playlist that is to go, with all that was recorded of it. */
export interface GoingPlaylist {
  readonly app: string
  readonly name: string
  /** With its folder. */
  readonly stream: string
  /** The key that it came with. */
  readonly owner: string
  /** Nothing that came later is of it. */
  readonly lastId: string
  /** What no list named, and came under this id or later, stays; absent: what comes from when it goes. */
  readonly straysTo?: string
  /** Whether it is still to go. */
  isMeant(): boolean
  /** What is written with the beginning of the removal. */
  writes(): readonly JournalWrite[]
}

/**
 * Begins to remove a playlist, and those that lead to nothing else, as soon as no other leads there; the stream with it, if it was the
 * last one. Does nothing where it is not meant any more.
 */
export async function removePlaylist(parts: RemovePlaylistParts, going: GoingPlaylist): Promise<void> {
  const { journal, leading, removals } = parts
  const { app, name, stream, owner, lastId, straysTo } = going
  let isGone = false
  try {
    const others = await leading.leave(app, [name], () => going.isMeant())
    if (others === undefined || !going.isMeant()) return
    const left = playlistsOf(journal, app, stream).filter((each) => each !== name && !others.includes(each))
    const isWhole = left.length === 0 && others.every((each) => leading.goesWith(app, each, [name]))
    const scope = { app, stream, owners: [owner], lastId, playlists: [name], leading: others, isWhole }
    await removals.begin(straysTo === undefined ? scope : { ...scope, straysTo }, going.writes())
    isGone = true
  } finally {
    leading.done(app, [name], isGone)
  }
}
