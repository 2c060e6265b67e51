import { hasPassed } from '../elapsed.ts'
import type { Needs } from '../follower.ts'
import { END_QUIET_MS } from '../limits.ts'
import { isServedEnded } from '../playlist-record.ts'
import type { Host } from '../ports.ts'
import type { DeletedFile, DeletedFiles } from './deleted-files.ts'
import type { DeletionRules } from './deletion-rule.ts'
import { type EndedStreamsParts, longerStreams } from './ended-streams.ts'
import { playlistFiles } from './playlist-files.ts'
import { Quiet, type QuietParts } from './quiet.ts'
import { type RemovePlaylistParts, removePlaylist } from './remove-playlist.ts'

/** What removes playlists that their encoder has deleted. */
export interface DeletedPlaylistsParts extends RemovePlaylistParts, EndedStreamsParts, QuietParts {
  readonly host: Host
  readonly rules: DeletionRules
  readonly deleted: DeletedFiles
  readonly needs: Needs
  /** Ends a playlist, as if its encoder had. */
  end(app: string, name: string): Promise<void>
}

/** A playlist that goes when nothing of it has come for a while. */
interface Going {
  readonly file: DeletedFile
  readonly quiet: Quiet
}

/**
 * Ends playlists that their encoder has deleted, and removes them with all that was recorded of them when nothing of them has come for a
 * while: an encoder that starts again sends segments before their list.
 */
export class DeletedPlaylists {
  readonly #parts: DeletedPlaylistsParts
  /** By app and name. */
  readonly #going = new Map<string, Going>()
  #isStopped = false

  constructor(parts: DeletedPlaylistsParts) {
    this.#parts = parts
    parts.uploads.watch(({ app, name }) => this.#forget(`${app}/${name}`))
  }

  /** From now on nothing of a playlist may come, if its encoder has deleted it. */
  wait(app: string, name: string): void {
    const file = this.#parts.deleted.find(app, name)
    if (file !== undefined && this.#isMeant(file)) this.#goingOf(file, [])
  }

  /** Does what it is time for with a playlist of a stream, given with its folder. */
  async look(stream: string, file: DeletedFile): Promise<void> {
    const { host, deleted, end, record, needs } = this.#parts
    const { app, name } = file
    const longer = await longerStreams(this.#parts, app, stream)
    if (this.#isStopped) return
    if (!this.#isMeant(file)) return deleted.forget([file])
    const { quiet } = this.#goingOf(file, longer)
    const isDue = hasPassed(file.at, END_QUIET_MS, host.clock.now())
    if (isDue && !isServedEnded(record(app, name))) await end(app, name)
    if (!quiet.isOver || needs.isNeeded(app, stream)) return
    await removePlaylist(this.#parts, {
      ...{ app, name, stream, lastId: file.id, straysTo: file.id },
      owner: record(app, name)?.owner ?? '',
      isMeant: () => quiet.isOver && !needs.isNeeded(app, stream) && this.#isMeant(file),
      writes: () => {
        this.#forget(`${app}/${name}`)
        return deleted.doneWrites([file])
      },
    })
    deleted.settle([file])
  }

  /** Begins nothing any more. */
  stop(): void {
    this.#isStopped = true
    for (const key of [...this.#going.keys()]) this.#forget(key)
  }

  /** Whether it is still the playlist that was deleted. */
  #isMeant(file: DeletedFile): boolean {
    const record = this.#parts.record(file.app, file.name)
    if (record === undefined || this.#parts.deleted.find(file.app, file.name) !== file) return false
    return record.kind !== 'media' || record.timeline.acceptedId < file.id
  }

  /** As it is known now. */
  #goingOf(file: DeletedFile, longer: readonly string[]): Going {
    const key = `${file.app}/${file.name}`
    const files = playlistFiles(this.#parts, file, longer)
    const ms = Math.max(this.#parts.rules.afterMs, files.windowMs)
    const known = this.#going.get(key)
    if (known?.file === file) {
      known.quiet.use(files, ms)
      return known
    }
    this.#forget(key)
    const going = { file, quiet: new Quiet(this.#parts, files, ms) }
    this.#going.set(key, going)
    return going
  }

  #forget(key: string): void {
    this.#going.get(key)?.quiet.stop()
    this.#going.delete(key)
  }
}
