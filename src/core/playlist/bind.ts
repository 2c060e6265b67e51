import type { Version } from '../catalog.ts'
import type { OpenBody } from '../open-bodies.ts'
import type { Candidates, UriLookup } from './lookup.ts'
import { RunUploads } from './run-uploads.ts'
import { hasNameTwice, type MediaRange, type ScannedPlaylist, type UriSite } from './scan.ts'
import { sharedSites } from './shared.ts'
import { type Bound, sharedBinding, type Timeline, type TimelineEntry } from './timeline.ts'

/** What binding came to. */
export interface Binding {
  /** The timeline's entries, with what they are bound to now. */
  readonly entries: readonly TimelineEntry[]
  /** Last parts of the names that something is still awaited under. */
  readonly awaited: readonly string[]
  /** Ranges of bodies that still arrive, which could be bound once they are durable up to `end`. */
  readonly arriving: readonly { readonly open: OpenBody; readonly end: number }[]
}

/**
 * Binds what is not bound yet to uploads of the entry's own run: the newest under its name, and where a name stands several
 * times in the list, each time the next. What was bound once stays bound.
 */
export function bindEntries(timeline: Timeline, scanned: ScannedPlaylist, lookup: UriLookup, now: number): Binding {
  const uploads = new RunUploads(timeline, lookup, now)
  const binder = new Binder(lookup, uploads, timeline.run.from, timesNamed(scanned), hasNameTwice(scanned.entries))
  const shared = sharedSites(scanned)
  const entries = timeline.entries.map((entry, index) => {
    const range = scanned.entries[index]?.range
    return binder.bind(entry, range, scanned.entries[index]?.isGap === true, shared[index] ?? [])
  })
  return { entries, awaited: [...binder.awaited], arriving: binder.arriving }
}

/** How often each URI stands in the list for a body of its own. */
function timesNamed(scanned: ScannedPlaylist): Map<string, number> {
  const times = new Map<string, number>()
  for (const { uri } of scanned.entries) times.set(uri, (times.get(uri) ?? 0) + 1)
  return times
}

class Binder {
  readonly awaited = new Set<string>()
  readonly arriving: { open: OpenBody; end: number }[] = []
  readonly #lookup: UriLookup
  readonly #uploads: RunUploads
  /** Bodies that began to arrive with this id or later belong to the run. */
  readonly #from: string
  /** How often each URI still comes in the list, and what it was bound to further up. */
  readonly #left: Map<string, number>
  readonly #before = new Map<string, Bound | undefined>()
  /** The body that the ranges further up are of, by URI. */
  readonly #bodies = new Map<string, Bound>()
  /** A list that has names twice is bound in order. */
  readonly #isInOrder: boolean
  #last: Bound | undefined

  constructor(lookup: UriLookup, uploads: RunUploads, from: string, left: Map<string, number>, isInOrder: boolean) {
    this.#lookup = lookup
    this.#uploads = uploads
    this.#from = from
    this.#left = left
    this.#isInOrder = isInOrder
  }

  bind(entry: TimelineEntry, range: MediaRange | undefined, isGap: boolean, sites: readonly UriSite[]): TimelineEntry {
    const segment = entry.segment ?? (isGap ? undefined : this.#segment(entry, range))
    this.#last = segment ?? this.#last
    this.#before.set(entry.uri, segment)
    if (segment !== undefined) this.#bodies.set(entry.uri, segment)
    this.#left.set(entry.uri, (this.#left.get(entry.uri) ?? 1) - 1)
    const shared = this.#shared({ ...entry, segment }, sites)
    return segment === entry.segment && shared === entry.shared ? entry : { ...entry, segment, shared }
  }

  #segment(entry: TimelineEntry, range: MediaRange | undefined): Bound | undefined {
    const found = this.#lookup.find(entry.uri)
    const bound = range === undefined ? this.#whole(entry, found) : this.#part(entry, entry.uri, found, range)
    if (bound === undefined) this.awaited.add(found.base)
    return bound
  }

  #whole(entry: TimelineEntry, found: Candidates): Bound | undefined {
    const { uri } = entry
    const before = this.#before.get(uri)
    if (this.#before.has(uri) && before === undefined) return undefined
    const ofRun = this.#uploads.of(entry, found.versions).filter(isWhole)
    const after = this.#isInOrder ? this.#last : before
    const usable = this.#uploads.meant(ofRun.filter(({ id }) => id > (after?.id ?? '')))
    if (this.#isInOrder && after !== undefined && !entry.isDiscontinuity) return asBound(usable[0])
    return asBound(usable.at(-(this.#left.get(uri) ?? 1)) ?? usable[0])
  }

  /** A range of the body that the range before it was of, or of a newer one, as far as it is durable. */
  #part(entry: TimelineEntry, uri: string, found: Candidates, range: MediaRange): Bound | undefined {
    const before = this.#bodies.get(uri)
    const same = found.versions.findLast(({ object }) => object.stored === before?.stored)
    // Behind a file that was cut its encoder is dead: the next one of its name is of the next life.
    const isCut = same !== undefined && isWhole(same) && same.object.size < range.end
    const mayHold = (id: string) =>
      this.#uploads.mayHold(entry, id, found.versions) && (!isCut || this.#uploads.isListed(id))
    const uploads = this.#uploads.of(entry, found.versions).filter(({ id }) => mayHold(id))
    // A body that goes on is not left for a copy of it that came to its end sooner.
    const open = same?.object.isOpen === true ? same : undefined
    const usable = (open === undefined ? uploads : [open]).filter(({ object }) => object.size >= range.end)
    const version = usable.find((other) => other === same) ?? usable.at(-1)
    const arriving = found.open.filter(({ body }) =>
      open === undefined ? body.id >= this.#from && mayHold(body.id) : body.id === open.object.id,
    )
    // A new run sends a new file, while that of the run before is still here.
    const isRenewed = arriving.some(({ body }) => version !== undefined && body.id > version.id && body.received > 0)
    const bound = isRenewed && version !== same ? undefined : asBound(version)
    if (bound === undefined) this.#awaitRange(arriving, range)
    return bound
  }

  /** Takes note of the arriving bodies that may bring a range. */
  #awaitRange(arriving: readonly OpenBody[], { end }: MediaRange): void {
    const here = arriving.find(({ body }) => body.received >= end)
    const wanted = here === undefined ? arriving : [here]
    this.arriving.push(...wanted.map((each) => ({ open: each, end })))
  }

  #shared(entry: TimelineEntry, sites: readonly UriSite[]): TimelineEntry['shared'] {
    const unbound = sites.filter(({ uri }) => sharedBinding(entry, uri) === undefined)
    const found = unbound.flatMap((site) => {
      const { uri } = site
      const role = site.role === 'map' ? 'map' : 'key'
      // An encoder that appends names its new init section for the entries of its old one, too.
      const kept = role === 'map' ? entry.shared.find((each) => each.role === 'map')?.bound : undefined
      const bound = kept ?? this.#sharedUri(entry, site)
      return bound === undefined ? [] : [{ role, uri, bound } as const]
    })
    return found.length === 0 ? entry.shared : [...entry.shared, ...found]
  }

  #sharedUri(entry: TimelineEntry, { uri, role, range }: UriSite): Bound | null | undefined {
    const found = this.#lookup.find(uri)
    const isElsewhere = role === 'key' && found.isAbsolute && !found.isUploadUrl
    if (isElsewhere) return null
    const bound =
      range === undefined
        ? asBound(this.#wholeShared(entry, found) ?? this.#kept(entry, found))
        : this.#part(entry, uri, found, range)
    if (bound === undefined) this.awaited.add(found.base)
    return bound
  }

  #wholeShared(entry: TimelineEntry, { versions }: Candidates): Version | undefined {
    const whole = this.#uploads.of(entry, versions).filter(isWhole)
    return this.#uploads.meant(whole).findLast(({ id }) => this.#uploads.mayBeShared(id))
  }

  /** An encoder that goes on where it ended sends its init section and key again, or goes on with what it sent before. */
  #kept(entry: TimelineEntry, { versions, open }: Candidates): Version | undefined {
    return this.#uploads.mayKeep(entry, open) ? versions.findLast(isWhole) : undefined
  }
}

function isWhole({ object }: Version): boolean {
  return object.isOpen !== true
}

function asBound(version: Version | undefined): Bound | undefined {
  return version === undefined ? undefined : { stored: version.object.stored, id: version.id }
}
