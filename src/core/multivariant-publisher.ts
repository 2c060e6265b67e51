import { datedBegun } from './archive/dated.ts'
import { earliest, hasPassed } from './elapsed.ts'
import { MULTIVARIANT_WAIT_MS } from './limits.ts'
import type { UriLookup } from './playlist/lookup.ts'
import { type RenderedMultivariant, renderMultivariant } from './playlist/multivariant.ts'
import type { ScannedPlaylist } from './playlist/scan.ts'
import type { PlaylistCommitter } from './playlist-commit.ts'
import type { MissingPlaylist, MultivariantRecord, ServedParts } from './playlist-record.ts'
import type { PlaylistState, PlaylistStates } from './playlist-states.ts'
import type { Host, JournalWrite } from './ports.ts'
import type { Leaving } from './removal/leaving.ts'
import type { Sharing } from './sharing/sharing.ts'

/** What the publisher of multivariant playlists needs. */
export interface MultivariantParts {
  readonly host: Host
  readonly states: PlaylistStates
  readonly committer: PlaylistCommitter
  readonly sharing: Sharing
  readonly leaving: Leaving
  lookup(state: PlaylistState, owner: string): UriLookup
  wake(state: PlaylistState): void
}

/** A version of a multivariant playlist. */
export interface MultivariantVersion {
  readonly owner: string
  readonly text: string
  readonly scanned: ScannedPlaylist
}

/** Publishes multivariant playlists with the variants that are served. */
export class MultivariantPublisher {
  readonly #parts: MultivariantParts

  constructor(parts: MultivariantParts) {
    this.#parts = parts
  }

  /** Takes in a version: they say nothing of their order, so the last one counts. */
  async accept(state: PlaylistState, { owner, text, scanned }: MultivariantVersion): Promise<void> {
    await this.#parts.sharing.claim(state.app, state.name)
    const before = state.record
    const record: MultivariantRecord = {
      kind: 'multivariant',
      owner,
      head: text,
      tail: '',
      // It may mean others of the same names, which are yet to come.
      missing: before?.kind === 'multivariant' ? before.missing.map(({ uri, since }) => ({ uri, since })) : [],
      ...(before?.served === undefined ? {} : { served: before.served }),
    }
    const dated = before === undefined ? datedBegun(state, this.#parts.host.clock.now()) : []
    await this.#publish(state, record, scanned, dated)
  }

  /** Publishes what has come in, or was awaited long enough, since the last look. */
  async lookAgain(state: PlaylistState, record: MultivariantRecord): Promise<void> {
    if (state.scanned !== undefined) await this.#publish(state, record, state.scanned)
  }

  /** `writes` go with a new version. */
  async #publish(
    state: PlaylistState,
    before: MultivariantRecord,
    scanned: ScannedPlaylist,
    writes?: readonly JournalWrite[],
  ): Promise<void> {
    const { host, states, committer, leaving } = this.#parts
    const lookup = this.#parts.lookup(state, before.owner)
    const now = host.clock.now()
    const isThere = (name: string) => name !== state.name && states.find(state.app, name)?.record?.served !== undefined
    const isServed = (name: string) => !leaving.has(state.app, name) && isThere(name)
    const isLeaving = (name: string) => leaving.has(state.app, name) && isThere(name)
    const found = new Map(playlistUris(scanned).map((uri) => [uri, lookup.playlist(uri, isServed)]))
    const rendered = renderMultivariant(scanned, ({ role, uri }) => {
      const name = found.get(uri)
      if (role !== 'playlist') return lookup.passedOn(uri)
      return name === undefined ? undefined : lookup.served(name)
    })
    const awaited = [...found].flatMap(([uri, name]) => (name === undefined ? [uri] : []))
    const missing = awaited.map((uri): MissingPlaylist => {
      const known = before.missing.find((each) => each.uri === uri) ?? { uri, since: now }
      const was = known.was ?? (writes === undefined ? lookup.playlist(uri, isLeaving) : undefined)
      return was === undefined || was === known.was ? known : { ...known, was }
    })
    const hasLost = missing.some((each) => each.was !== undefined && !before.missing.includes(each))
    states.wait(
      state,
      missing.map(({ uri }) => `${state.app}/${lookup.find(uri).base}`),
    )
    const deadlines = missing
      .filter(({ since, was }) => was === undefined && !hasPassed(since, MULTIVARIANT_WAIT_MS, now))
      .map((each) => each.since + MULTIVARIANT_WAIT_MS)
    this.#wakeAt(state, earliest(deadlines))
    const served = servedParts(before.served, rendered, now)
    const hasMore = served.last > (before.served?.last ?? Number.POSITIVE_INFINITY)
    const isWhole = deadlines.length === 0 || hasMore || (hasLost && before.served !== undefined)
    const isPublished = isWhole && rendered.variants > 0 && before.served?.head !== served.head
    const record: MultivariantRecord = { ...before, missing, ...(isPublished ? { served } : {}) }
    if (writes === undefined && !isPublished && !hasLost) {
      state.record = record
      return
    }
    const isWaiting = missing.length > 0
    const names = new Map([...found.values()].flatMap((name) => (name === undefined ? [] : [[name, undefined]])))
    await committer.commit(state, {
      record,
      scanned,
      isPublished,
      names,
      isWaiting,
      writes: writes ?? [],
      digest: undefined,
    })
  }

  #wakeAt(state: PlaylistState, at: number | undefined): void {
    const { clock } = this.#parts.host
    state.cancelWake()
    if (at === undefined) return
    state.cancelWake = clock.after(at - clock.now(), () => this.#parts.wake(state))
  }
}

function playlistUris(scanned: ScannedPlaylist): string[] {
  return scanned.uris.filter(({ role }) => role === 'playlist').map(({ uri }) => uri)
}

/** `last` counts the variants. */
function servedParts(
  before: ServedParts | undefined,
  { text, variants }: RenderedMultivariant,
  now: number,
): ServedParts {
  const version = (before?.version ?? 0) + 1
  return { version, publishedAt: now, head: text, entries: [], foot: '', last: variants, holes: 0 }
}
