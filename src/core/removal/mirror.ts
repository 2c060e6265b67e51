import { streamOf } from '../archive/run-dates.ts'
import type { Placing } from '../catalog.ts'
import { fileKind } from '../file-kind.ts'
import { DELETED_LOOK_MS } from '../limits.ts'
import type { Host, Journal } from '../ports.ts'
import type { DeletedFile, DeletedFiles } from './deleted-files.ts'
import type { DeletedPlaylists } from './deleted-playlists.ts'
import type { DeletedSegments } from './deleted-segments.ts'
import type { DeletionRules } from './deletion-rule.ts'
import { byStreams } from './folder-streams.ts'
import { pause } from './slices.ts'
import type { UploadWatch } from './upload-watch.ts'

/** What does late what encoders delete. */
export interface MirrorParts {
  readonly host: Host
  readonly journal: Journal
  readonly rules: DeletionRules
  readonly files: DeletedFiles
  readonly segments: DeletedSegments
  readonly playlists: DeletedPlaylists
  readonly uploads: UploadWatch
  /** Resolves when it is known what may be removed. */
  ready(): Promise<void>
}

/**
 * Does what encoders delete (`retention: mirror`), but late: they delete a segment before the list that names it no more, and viewers
 * are behind them. What is meant is remembered over a restart.
 */
export class Mirror {
  readonly #parts: MirrorParts
  /** Playlists and streams that are being looked at. */
  readonly #busy = new Set<string>()
  #cancel: (() => void) | undefined
  #isStopped = false

  constructor(parts: MirrorParts) {
    this.#parts = parts
    parts.uploads.watch((at) => this.#cameAgain(at))
  }

  /** An encoder deletes a file, which changes nothing yet; resolves when that is durable. */
  async deleted(at: Placing): Promise<void> {
    if (!this.#parts.rules.isMirror(at.app, at.name)) return
    await this.#parts.files.add(at)
    this.#parts.playlists.wait(at.app, at.name)
    this.#lookLater()
  }

  /** Takes up what waited when the receiver stopped. */
  recover(): void {
    this.#parts.files.recover()
    this.#lookLater()
  }

  /** Removes nothing any more. */
  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
    this.#parts.playlists.stop()
  }

  /** A playlist goes on after all; what came under other names since is told by its id. */
  #cameAgain({ app, name }: Placing): void {
    const file = fileKind(name) === 'playlist' ? this.#parts.files.find(app, name) : undefined
    if (file === undefined) return
    this.#parts.files.forget([file]).catch((cause: unknown) => {
      this.#parts.host.log.error('deleted playlist not noted', { app, name, cause })
    })
  }

  #lookLater(): void {
    if (this.#isStopped || this.#cancel !== undefined || this.#parts.files.isEmpty) return
    const { clock, log } = this.#parts.host
    this.#cancel = clock.after(DELETED_LOOK_MS, () => {
      this.#cancel = undefined
      this.#look()
        .catch((cause: unknown) => log.warn('deleted files not looked at', { cause }))
        .finally(() => this.#lookLater())
    })
  }

  async #look(): Promise<void> {
    const { host, journal, files, segments, playlists, ready } = this.#parts
    await ready()
    const all = files.all()
    for (const file of all.filter(isPlaylist)) {
      const { app, name } = file
      this.#lookAt({ app, name }, () => playlists.look(streamOf(name), file))
    }
    const others = all.filter((file) => !isPlaylist(file))
    for (const group of await byStreams(host.clock, journal, others)) {
      const { app, stream } = group
      this.#lookAt({ app, stream }, () => segments.look(group))
      await pause(host.clock, 0)
    }
  }

  /** What takes long for one stream keeps no other waiting. */
  #lookAt(what: Readonly<Record<string, string>>, look: () => Promise<void>): void {
    const key = JSON.stringify(what)
    if (this.#isStopped || this.#busy.has(key)) return
    this.#busy.add(key)
    look()
      .catch((cause: unknown) => this.#parts.host.log.warn('deleted files go later', { ...what, cause }))
      .finally(() => this.#busy.delete(key))
  }
}

function isPlaylist({ name }: DeletedFile): boolean {
  return fileKind(name) === 'playlist'
}
