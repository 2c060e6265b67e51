import { hasPassed } from '../elapsed.ts'
import { fileKind } from '../file-kind.ts'
import { HELD_LOOK_MS } from '../limits.ts'
import { parseName } from '../names.ts'
import type { Host } from '../ports.ts'
import { baseName, folderOf } from '../upload-path.ts'

interface Held {
  readonly begin: () => void
  readonly acceptedAt: number
}

interface HeldOfStream extends Held {
  readonly stream: string
  /** It is a segment of its stream: an `init.mp4` or `index.m3u8` may be of any. */
  readonly isNumbered: boolean
}

/** The objects of one folder that wait for the end of their streams, by name. */
type Folder = Map<string, HeldOfStream>

/**
 * Uploads that wait until their stream has ended: a playlist that ends lets those go whose names begin with its own, and
 * whatever is left goes when its stream brought nothing for `quietMs`.
 */
export class HeldUploads {
  readonly #host: Host
  readonly #quietMs: number
  /** By app and folder. */
  readonly #folders = new Map<string, Folder>()
  #cancel: () => void = () => {}

  constructor(host: Host, quietMs: number) {
    this.#host = host
    this.#quietMs = quietMs
  }

  /** Looks from now on, again and again, for what has waited for too long. */
  start(): void {
    this.#cancel = this.#host.clock.after(HELD_LOOK_MS, () => {
      this.start()
      this.#releaseQuiet()
    })
  }

  stop(): void {
    this.#cancel()
  }

  /** What waits under the same name already goes before it. */
  hold(app: string, stored: string, { acceptedAt, begin }: Held): void {
    const path = `${app}/${folderOf(stored)}`
    const folder: Folder = this.#folders.get(path) ?? new Map()
    const base = baseName(stored)
    const before = folder.get(base)
    const beginBoth = () => {
      before?.begin()
      begin()
    }
    const { stream, number } = parseName(base)
    const held = { acceptedAt, stream, isNumbered: number !== undefined, begin: before ? beginBoth : begin }
    this.#folders.set(path, folder.set(base, held))
  }

  /**
   * A playlist ended: all of its stream goes, of streams whose names begin alike, and what may be an init section or key of it: one
   * that goes early harms nobody, one that stays keeps the list from the store.
   */
  ended(app: string, playlist: string): void {
    const path = `${app}/${folderOf(playlist)}`
    const stream = baseName(playlist).replace(/\.m3u8?$/, '')
    const folder = this.#folders.get(path)
    const isOfOther = (held: HeldOfStream) => folder?.has(`${held.stream}.m3u8`) === true
    const mayBelong = (held: HeldOfStream, name: string) =>
      !held.isNumbered && fileKind(name) !== 'playlist' && !isOfOther(held)
    this.#release(path, (held, name) => name.startsWith(stream) || mayBelong(held, name))
  }

  /** Lets one go, which is not needed any more. */
  release(app: string, stored: string): void {
    const base = baseName(stored)
    this.#release(`${app}/${folderOf(stored)}`, (_, name) => name === base)
  }

  #releaseQuiet(): void {
    const now = this.#host.clock.now()
    for (const [path, folder] of this.#folders) {
      let newest = 0
      /** By stream, where segments tell of it. */
      const newestOf = new Map<string, number>()
      for (const { stream, acceptedAt, isNumbered } of folder.values()) {
        newest = Math.max(newest, acceptedAt)
        if (!isNumbered) continue
        newestOf.set(stream, Math.max(newestOf.get(stream) ?? 0, acceptedAt))
      }
      this.#release(path, ({ stream }) => hasPassed(newestOf.get(stream) ?? newest, this.#quietMs, now))
    }
  }

  #release(path: string, isMeant: (held: HeldOfStream, name: string) => boolean): void {
    const folder = this.#folders.get(path)
    if (folder === undefined) return
    for (const [name, held] of folder) {
      if (!isMeant(held, name)) continue
      folder.delete(name)
      held.begin()
    }
    if (folder.size === 0) this.#folders.delete(path)
  }
}
