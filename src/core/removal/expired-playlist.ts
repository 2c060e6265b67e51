import type { Placing } from '../catalog.ts'
import { EXPIRY_QUIET_MS } from '../limits.ts'
import { type EndedStreamsParts, longerStreams } from './ended-streams.ts'
import type { Expired } from './expired.ts'
import { type PlaylistFiles, playlistFiles } from './playlist-files.ts'
import type { RecordedPlaylist } from './recorded-playlist.ts'
import { type RemovePlaylistParts, removePlaylist } from './remove-playlist.ts'
import { isOfStream, type UploadWatch } from './upload-watch.ts'

/** What removes playlists of which everything is too old, or too much. */
export interface ExpiredPlaylistParts extends RemovePlaylistParts, EndedStreamsParts {
  readonly uploads: UploadWatch
}

/** A playlist that has ended, or is forgotten, and is to go as a whole unless something of it comes. */
export class ExpiredPlaylist implements Expired {
  readonly app: string
  readonly #parts: ExpiredPlaylistParts
  readonly #playlist: RecordedPlaylist
  readonly #files: PlaylistFiles
  /** Since when it is to go, in ms since the epoch, and how long it waits from then on, in ms. */
  readonly #since: number
  readonly #waitMs: number

  private constructor(parts: ExpiredPlaylistParts, playlist: RecordedPlaylist, files: PlaylistFiles) {
    this.app = playlist.app
    this.#parts = parts
    this.#playlist = playlist
    this.#files = files
    this.#since = parts.clock.now()
    this.#waitMs = Math.max(EXPIRY_QUIET_MS, files.windowMs)
  }

  /** A playlist that is marked to go. */
  static async of(parts: ExpiredPlaylistParts, playlist: RecordedPlaylist): Promise<ExpiredPlaylist> {
    const longer = await longerStreams(parts, playlist.app, playlist.stream)
    return new ExpiredPlaylist(parts, playlist, playlistFiles(parts, playlist, longer))
  }

  mayGoAfter(at: Placing): boolean {
    return !isOfStream(this.#files, at)
  }

  async remove(isWanted: () => boolean): Promise<boolean> {
    const { clock, uploads, record } = this.#parts
    const { app, name, stream, lastId } = this.#playlist
    if (Math.abs(clock.now() - this.#since) < this.#waitMs) return false
    const isMeant = () => {
      const known = record(app, name)
      const isSame = known?.kind === 'media' && known.timeline.acceptedId === lastId
      // It may be the last one of its stream by now.
      const files = playlistFiles(this.#parts, this.#playlist, this.#files.longer)
      return isSame && isWanted() && !uploads.isRunning(files)
    }
    const owner = record(app, name)?.owner ?? ''
    await removePlaylist(this.#parts, { app, name, stream, owner, lastId, isMeant, writes: () => [] })
    return true
  }
}
