import type { Catalog, Placing } from '../catalog.ts'
import { baseName, folderOf } from '../upload-path.ts'
import type { Mount } from '../upload-target.ts'
import { relativeUri, resolveUri, uriBaseName } from '../uri.ts'
import type { ScannedPlaylist, UriSite } from './scan.ts'

/** The served URIs of a published version, to which its continuing entries stay bound. */
export interface Bindings {
  /** By media sequence number. */
  readonly entries: ReadonlyMap<number, { readonly text: string; readonly uri: string }>
  /** MAP and KEY URIs, as the encoder wrote them → as served. */
  readonly shared: ReadonlyMap<string, string>
}

/** What binding a version came to. */
export interface Binding {
  /** Served URI of each URI site; undefined passes the encoder's own on. */
  readonly uris: readonly (string | undefined)[]
  /** Stored names that were bound anew. */
  readonly stored: readonly string[]
  /** Last parts of the names that nothing is bound to yet; empty when the version may be published. */
  readonly missing: readonly string[]
}

/** What binding needs to look up. */
export interface Lookup {
  readonly catalog: Catalog
  readonly mounts: readonly Mount[]
  isPublished(app: string, name: string): boolean
}

/** The encoder itself says that there is no segment (RFC 8216bis section 4.4.4.7). */
const GAP = /^#EXT-X-GAP\b/m

/** Binds each URI of a playlist to a stored object; entries that continue `before` keep what they were bound to. */
export function bindPlaylist(
  scanned: ScannedPlaylist,
  at: Placing,
  before: Bindings | undefined,
  lookup: Lookup,
): Binding {
  const uris: (string | undefined)[] = []
  const stored: string[] = []
  const missing: string[] = []
  const first = scanned.entries[0]
  const continues = first !== undefined && before?.entries.get(first.sequence)?.text === first.text
  for (const site of scanned.uris) {
    const kept = before === undefined ? undefined : keptUri(scanned, site, before, continues)
    const found = kept === undefined ? findStored(site, at, lookup) : undefined
    const isGap = GAP.test(scanned.entries[site.entry]?.text ?? '')
    if (kept !== undefined) uris.push(kept)
    else if (found?.stored !== undefined) {
      uris.push(relativeUri(at.name, found.stored))
      if (site.role !== 'playlist') stored.push(found.stored)
    } else {
      uris.push(withoutUserinfo(site.uri))
      if (found?.isAwaited !== false && !isGap) missing.push(awaitedName(found?.name ?? null, site.uri))
    }
  }
  return { uris, stored, missing }
}

function keptUri(scanned: ScannedPlaylist, site: UriSite, before: Bindings, continues: boolean): string | undefined {
  if (site.role === 'map' || site.role === 'other') return continues ? before.shared.get(site.uri) : undefined
  const entry = scanned.entries[site.entry]
  if (site.role !== 'segment' || entry === undefined) return undefined
  const bound = before.entries.get(entry.sequence)
  return bound?.text === entry.text ? bound.uri : undefined
}

interface Found {
  readonly stored: string | undefined
  readonly name: string | null
  /** Whether publishing waits for it: all but what may be served elsewhere. */
  readonly isAwaited: boolean
}

function findStored(site: UriSite, at: Placing, lookup: Lookup): Found {
  const { name, isUploadUrl } = resolveUri(site.uri, at.name, at.app, lookup.mounts)
  if (site.role === 'playlist') {
    const isServed = name !== null && lookup.isPublished(at.app, name)
    return { stored: isServed ? name : undefined, name, isAwaited: true }
  }
  const direct = name === null ? undefined : lookup.catalog.newest({ ...at, name })
  const object = direct ?? lookup.catalog.newestBelow(at.app, folderOf(at.name), uriBaseName(site.uri), at.owner)
  return { stored: object?.stored, name, isAwaited: site.role !== 'other' || isUploadUrl }
}

/** A URI that is passed on, without the user and password that were meant for an upload; undefined when it has none. */
function withoutUserinfo(uri: string): string | undefined {
  const stripped = uri.replace(/^(https?:\/\/)[^/?#@]*@/i, '$1')
  return stripped === uri ? undefined : stripped
}

function awaitedName(name: string | null, uri: string): string {
  return name === null ? uriBaseName(uri) : baseName(name)
}

/** The bindings of a published version: its URI sites in the encoder's words, and what each was served as. */
export function bindingsOf(raw: ScannedPlaylist, uris: readonly (string | undefined)[]): Bindings {
  const entries = new Map<number, { text: string; uri: string }>()
  const shared = new Map<string, string>()
  for (const [index, site] of raw.uris.entries()) {
    const uri = uris[index] ?? site.uri
    const entry = raw.entries[site.entry]
    if (site.role === 'map' || site.role === 'other') shared.set(site.uri, uri)
    else if (entry !== undefined) entries.set(entry.sequence, { text: entry.text, uri })
  }
  return { entries, shared }
}
