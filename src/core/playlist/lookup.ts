import { type Catalog, type Placing, sharesKey, type Version } from '../catalog.ts'
import { MAX_NAME_BYTES } from '../limits.ts'
import type { OpenBodies, OpenBody } from '../open-bodies.ts'
import { toBytes } from '../records.ts'
import { baseName, folderOf } from '../upload-path.ts'
import type { Mount } from '../upload-target.ts'
import { relativeUri, resolveUri, uriBaseName } from '../uri.ts'

/** What a URI of a playlist may stand for here. */
export interface Candidates {
  /** Uploads under the encoder name that is meant, oldest first. */
  readonly versions: readonly Version[]
  /** Running uploads under that name. */
  readonly open: readonly OpenBody[]
  /** Last part of the name that is meant. */
  readonly base: string
  /** Whether the URI is one of our own upload URLs, which no player may see. */
  readonly isUploadUrl: boolean
  readonly isAbsolute: boolean
}

/** Finds what the URIs of the playlist uploaded as `at` stand for: the name itself, else the one of its last part below. */
export class UriLookup {
  readonly #at: Placing
  readonly #catalog: Catalog
  readonly #open: OpenBodies
  readonly #mounts: readonly Mount[]

  constructor(at: Placing, catalog: Catalog, open: OpenBodies, mounts: readonly Mount[]) {
    this.#at = at
    this.#catalog = catalog
    this.#open = open
    this.#mounts = mounts
  }

  /** What a segment, map or key is bound to: the name itself, else the one file of its last part below. */
  find(uri: string): Candidates {
    const { app, owner } = this.#at
    const { name, isUploadUrl } = resolveUri(uri, this.#at.name, app, this.#mounts)
    const base = name === null ? uriBaseName(uri) : baseName(name)
    const isAbsolute = isUploadUrl || /^[a-z][a-z0-9+.-]*:/i.test(uri) || uri.startsWith('/')
    if (name === null && isTooLong(base)) return { versions: [], open: [], base, isUploadUrl, isAbsolute }
    const opened = this.#open.called(app, base).filter(({ at }) => sharesKey(at.owner, owner))
    const own = name ?? folderOf(this.#at.name) + base
    const direct = this.#catalog.versions({ app, name: own, owner })
    const same = opened.filter(({ at }) => at.name === own)
    const isFound = direct.length + same.length > 0 || !mayLieBelow(uri, name)
    if (isFound) return { versions: direct, open: same, base, isUploadUrl, isAbsolute }
    const below = this.#nameBelow(base)
    const versions = below === undefined ? [] : this.#catalog.versions({ app, name: below, owner })
    const folder = folderOf(this.#at.name)
    const open = opened.filter(({ at }) => (below === undefined ? at.name.startsWith(folder) : at.name === below))
    return { versions, open, base, isUploadUrl, isAbsolute }
  }

  /** A folder with a playlist of its own holds the files of that one. */
  #nameBelow(base: string): string | undefined {
    const { app, owner } = this.#at
    return this.#catalog.nameBelow(app, folderOf(this.#at.name), base, (name) => {
      const isHere = this.#catalog.newest({ app, name, owner }) !== undefined
      return isHere && !this.#catalog.hasPlaylist(app, folderOf(name))
    })
  }

  /** The served playlist that a URI leads to: the name itself, else the one of its last part further down, or up. */
  playlist(uri: string, isServed: (name: string) => boolean): string | undefined {
    const { app } = this.#at
    const { name } = resolveUri(uri, this.#at.name, app, this.#mounts)
    if (name !== null && isServed(name)) return name
    if (!mayLieBelow(uri, name)) return undefined
    const base = name === null ? uriBaseName(uri) : baseName(name)
    if (name === null && isTooLong(base)) return undefined
    const folder = folderOf(this.#at.name)
    const above = foldersAbove(folder).map((up) => up + base)
    return this.#catalog.nameBelow(app, folder, base, isServed) ?? above.find(isServed)
  }

  /** The URI under which players find a stored name. */
  served(stored: string): string {
    return relativeUri(this.#at.name, stored)
  }

  /** The stored name that a URI which players get leads to; undefined for one that leads elsewhere. */
  stored(uri: string): string | undefined {
    return resolveUri(uri, this.#at.name, this.#at.app, []).name ?? undefined
  }

  /** A URI that nothing waits for, as players get it: what it stands for here, else the URI itself, never an upload's URL or query. */
  passedOn(uri: string): string {
    const { isAbsolute, isUploadUrl, versions } = this.find(uri)
    // The user and password were meant for an upload.
    if (isAbsolute && !isUploadUrl) return uri.replace(/^(https?:\/\/)[^/?#@]*@/i, '$1')
    const object = versions.at(-1)?.object
    if (object !== undefined) return this.served(object.stored)
    return isUploadUrl || uri.includes('?') ? this.public(uri) : uri
  }

  /** What players get to see of a URI that leads to nothing here: never an upload URL, a user, or a query of an upload. */
  public(uri: string): string {
    const { name } = resolveUri(uri, this.#at.name, this.#at.app, this.#mounts)
    if (name === null) return encodeURIComponent(uriBaseName(uri))
    const queryAt = name.indexOf('?')
    return this.served(queryAt < 0 ? name : name.slice(0, queryAt))
  }
}

/** libavformat lists files of all folders by their last part alone; a URI with a folder, or of ours, means just that file. */
function mayLieBelow(uri: string, name: string | null): boolean {
  return name === null || !uri.replace(/\?.*$/s, '').includes('/')
}

/** Whether no file can have this name. */
function isTooLong(base: string): boolean {
  return toBytes(base).length > MAX_NAME_BYTES
}

/** The folders that one lies in, the nearest first: `a/b/` lies in `a/` and in the root. */
function foldersAbove(folder: string): string[] {
  const parts = folder.split('/').slice(0, -1)
  return parts.map((_, index) =>
    parts
      .slice(0, parts.length - 1 - index)
      .map((part) => `${part}/`)
      .join(''),
  )
}
