import { EXPIRY_QUIET_MS, EXPIRY_YOUNG_MS } from '../limits.ts'
import { type EndedStreamsParts, longerStreams } from './ended-streams.ts'
import type { Expired } from './expired.ts'
import { type PlaylistFiles, playlistFiles } from './playlist-files.ts'
import { Quiet } from './quiet.ts'
import type { RecordedPlaylist } from './recorded-playlist.ts'
import { type RemovePlaylistParts, removePlaylist } from './remove-playlist.ts'
import type { UploadWatch } from './upload-watch.ts'
import { hasYoungUploads, type YoungUploadsParts } from './young-uploads.ts'

/** What removes playlists of which everything is too old, or too much. */
export interface ExpiredPlaylistParts extends RemovePlaylistParts, EndedStreamsParts, YoungUploadsParts {
  readonly uploads: UploadWatch
}

/** A playlist that has ended, or is forgotten, and is to go as a whole unless something of it comes. */
export class ExpiredPlaylist implements Expired {
  readonly #parts: ExpiredPlaylistParts
  readonly #playlist: RecordedPlaylist
  readonly #longer: readonly string[]
  readonly #quiet: Quiet
  #goesOn = false

  private constructor(parts: ExpiredPlaylistParts, playlist: RecordedPlaylist, files: PlaylistFiles) {
    this.#parts = parts
    this.#playlist = playlist
    this.#longer = files.longer
    const onUpload = () => {
      this.#goesOn = true
    }
    this.#quiet = new Quiet(parts, files, Math.max(EXPIRY_QUIET_MS, files.windowMs), { onUpload, onQuiet: () => {} })
  }

  /** A playlist that is marked to go; undefined where something has come of it that no list names yet. */
  static async of(parts: ExpiredPlaylistParts, playlist: RecordedPlaylist): Promise<ExpiredPlaylist | undefined> {
    const { app, stream, lastId, leastMs } = playlist
    const longer = await longerStreams(parts, app, stream)
    // Whatever comes from now on keeps it.
    const expired = new ExpiredPlaylist(parts, playlist, playlistFiles(parts, playlist, longer))
    const files = playlistFiles(parts, playlist, longer)
    if (!(await hasYoungUploads(parts, files, lastId, leastMs || EXPIRY_YOUNG_MS))) return expired
    expired.stop()
    return undefined
  }

  stop(): void {
    this.#quiet.stop()
  }

  async remove(isWanted: () => boolean): Promise<boolean> {
    const { uploads, record } = this.#parts
    const { app, name, stream, lastId } = this.#playlist
    if (this.#goesOn) return true
    if (!this.#quiet.isOver) return false
    const isMeant = () => {
      const known = record(app, name)
      const isSame = known?.kind === 'media' && known.timeline.acceptedId === lastId
      // It may be the last one of its stream by now.
      const files = playlistFiles(this.#parts, this.#playlist, this.#longer)
      return isSame && isWanted() && !this.#goesOn && !uploads.isRunning(files)
    }
    const owner = record(app, name)?.owner ?? ''
    await removePlaylist(this.#parts, { app, name, stream, owner, lastId, isMeant, writes: () => [] })
    return true
  }
}
