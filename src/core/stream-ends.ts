import type { EndMessage } from './end-message.ts'
import { END_SETTLE_MS, MAX_FOLDERS, MAX_PATH_BYTES, STORE_RETRY_MAX_MS } from './limits.ts'
import { mayBelongTo } from './names.ts'
import type { Host, Journal } from './ports.ts'
import { jsonWrite, keys, readJson, splitAppKey, toBytes } from './records.ts'
import { baseName } from './upload-path.ts'

/** Ends one playlist, unless it goes on. */
export type EndPlaylist = (app: string, name: string) => Promise<void>

interface EndNote {
  /** When the message came, in ms since the epoch. */
  readonly at: number
  /** Folders where the stream's playlists may lie; each ends with a slash, or is empty. */
  readonly folders: readonly string[]
}

/**
 * Ends the playlists of a stream when its server says that it is over: END_SETTLE_MS later, since their last versions may
 * still be on their way. The message comes once for each rendition, and is remembered over a restart.
 */
export class StreamEnds {
  readonly #host: Host
  readonly #journal: Journal
  readonly #endPlaylist: EndPlaylist
  #isStopped = false

  constructor(host: Host, journal: Journal, endPlaylist: EndPlaylist) {
    this.#host = host
    this.#journal = journal
    this.#endPlaylist = endPlaylist
  }

  /** Takes note of a message; resolves when it is durable. */
  async note(app: string, { streamId, filePath }: EndMessage): Promise<void> {
    const note: EndNote = { at: this.#host.clock.now(), folders: foldersIn(filePath, streamId) }
    await this.#journal.commit([jsonWrite(keys.ended(app, streamId), note)])
    this.#schedule(app, streamId, note, END_SETTLE_MS)
  }

  /** Takes up what had not settled when the receiver stopped. */
  recover(): void {
    for (const [key] of [...this.#journal.entries('e/')]) {
      const { app, name } = splitAppKey(key)
      const note = readJson<EndNote>(this.#journal, key)
      if (note !== undefined) this.#schedule(app, name, note, END_SETTLE_MS)
    }
  }

  /** What has not settled goes on at the next start. */
  stop(): void {
    this.#isStopped = true
  }

  #schedule(app: string, stream: string, note: EndNote, ms: number): void {
    this.#host.clock.after(ms, () => {
      // Of several messages the last one counts.
      if (this.#isStopped || readJson<EndNote>(this.#journal, keys.ended(app, stream))?.at !== note.at) return
      this.#end(app, stream, note).catch((cause: unknown) => {
        this.#host.log.error('stream not ended', { app, stream, cause })
        this.#schedule(app, stream, note, STORE_RETRY_MAX_MS)
      })
    })
  }

  async #end(app: string, stream: string, { folders }: EndNote): Promise<void> {
    for (const folder of folders) {
      for (const name of this.#playlistsOf(app, folder, stream)) await this.#endPlaylist(app, name)
    }
    await this.#journal.commit([{ key: keys.ended(app, stream), value: null }])
  }

  #playlistsOf(app: string, folder: string, stream: string): string[] {
    const found = [...this.#journal.entries(keys.playlist(app, folder + stream))]
    const names = found.map(([key]) => splitAppKey(key).name)
    return names.filter((name) => name.lastIndexOf('/') < folder.length && mayBelongTo(baseName(name), stream))
  }
}

/** AMS puts its storage folder, the stream's own folder and the id in a row, with no slash before the id (facts of AMS, section 2). */
function foldersIn(filePath: string, streamId: string): string[] {
  const before = filePath.endsWith(streamId) ? filePath.slice(0, -streamId.length) : ''
  const parts = before.split('/').filter((part) => part !== '')
  const ends = parts.slice(-MAX_FOLDERS).map((_, index, { length }) => parts.slice(index - length).join('/'))
  // No upload lies in a folder with a longer name.
  const possible = ends.filter((folder) => toBytes(folder).length <= MAX_PATH_BYTES)
  return ['', ...possible.map((folder) => `${folder}/`)]
}
