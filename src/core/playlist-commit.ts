import type { ScannedPlaylist } from './playlist/scan.ts'
import type { TimelineEntry } from './playlist/timeline.ts'
import type { MediaRecord, PlaylistRecord } from './playlist-record.ts'
import type { PlaylistState, PlaylistStates } from './playlist-states.ts'
import type { Digest, Journal, JournalWrite } from './ports.ts'
import { keys, toBytes } from './records.ts'
import { newUses } from './removal/uses.ts'
import { removeChunks } from './sealed-list.ts'
import { baseName, folderOf } from './upload-path.ts'
import { renditionMarks } from './variants/renditions.ts'

/** Stored names that a served playlist leads to, each with how long it plays in s, where that is known. */
export type NamedObjects = ReadonlyMap<string, number | undefined>

/** A change of a playlist that is to be made durable. */
export interface PlaylistChange {
  readonly record: PlaylistRecord
  readonly scanned: ScannedPlaylist
  readonly isPublished: boolean
  readonly names: NamedObjects
  /** The stored names that a media playlist is bound to, also those that it does not show yet; absent: as before. */
  readonly bound?: NamedObjects
  /** Whether something is still awaited. */
  readonly isWaiting: boolean
  /** What else goes into the same batch. */
  readonly writes: readonly JournalWrite[]
  readonly digest: Digest | undefined
}

/** Told of each publication. */
export type OnPublished = (app: string, name: string, names: NamedObjects) => void

const NOTHING = new Uint8Array(0)

/** Makes changes of playlists durable; only then are they true, and served. */
export class PlaylistCommitter {
  readonly #journal: Journal
  readonly #states: PlaylistStates
  readonly #onPublished: OnPublished

  constructor(journal: Journal, states: PlaylistStates, onPublished: OnPublished) {
    this.#journal = journal
    this.#states = states
    this.#onPublished = onPublished
  }

  async commit(state: PlaylistState, change: PlaylistChange): Promise<void> {
    const { app, name } = state
    const { record, old } = withGarbage(state.record, change.record)
    const bytes = toBytes(JSON.stringify(record))
    await this.#journal.commit([
      { key: keys.playlist(app, name), value: bytes },
      { key: keys.waiting(app, name), value: change.isWaiting || record.suspect !== undefined ? NOTHING : null },
      ...(change.isPublished ? publicationMarks(state, record) : []),
      ...renditionMarks(this.#journal, state, record),
      ...this.#uses(state, change.bound),
      ...(old === undefined ? [] : removeChunks(this.#journal, state, old)),
      ...change.writes,
    ])
    state.record = record
    state.scanned = change.scanned
    if (change.digest !== undefined) state.digest = change.digest
    state.recordBytes = bytes.length
    if (change.isPublished) {
      state.text = undefined
      state.recorded = undefined
      state.tail = undefined
    }
    state.bound = change.bound ?? state.bound
    this.#states.account(state)
    if (change.isPublished) this.#onPublished(app, name, change.names)
  }

  /** Takes in what a media playlist was bound to that shows no more for it: before that counts, nobody may remove what it is bound to. */
  async bind(state: PlaylistState, record: MediaRecord, bound: NamedObjects): Promise<void> {
    const uses = this.#uses(state, bound)
    if (uses.length > 0) await this.#journal.commit(uses)
    state.record = record
    state.bound = bound
  }

  #uses({ app, name, bound: before }: PlaylistState, bound: NamedObjects | undefined): JournalWrite[] {
    return bound === undefined || bound === before ? [] : newUses(app, name, bound.keys(), before)
  }
}

/** The stored names that entries are bound to. */
export function boundTo(entries: readonly TimelineEntry[]): NamedObjects {
  const names = new Map<string, number | undefined>()
  for (const { segment, shared, identity } of entries) {
    for (const { bound } of shared) if (bound) names.set(bound.stored, undefined)
    if (segment !== undefined) names.set(segment.stored, Number.parseFloat(identity))
  }
  return names
}

/** The record with the list of chunks that it needs no more, and the list that nobody needed before: it may go. */
function withGarbage(
  before: PlaylistRecord | undefined,
  { garbage, ...record }: PlaylistRecord,
): { readonly record: PlaylistRecord; readonly old: string | undefined } {
  const needed = neededLists(record)
  const left = before === undefined ? undefined : neededLists(before).find((list) => !needed.includes(list))
  return { record: left === undefined ? record : { ...record, garbage: { list: left } }, old: before?.garbage?.list }
}

function neededLists(record: PlaylistRecord): string[] {
  const newest = record.kind === 'media' ? record.sealed : undefined
  return [newest, record.served?.sealed].flatMap((each) => each?.list ?? [])
}

/** The mark of the version before goes: there must not be one for each, however long the store is away. */
function publicationMarks({ app, name, record: before }: PlaylistState, { served }: PlaylistRecord): JournalWrite[] {
  const folder = folderOf(name)
  const old = before?.served?.version
  return [
    ...(old === undefined ? [] : [{ key: keys.unstoredPlaylist(app, name, old), value: null }]),
    { key: keys.unstoredPlaylist(app, name, served?.version ?? 0), value: NOTHING },
    ...(folder === '' ? [] : [{ key: keys.basename(app, baseName(name), folder), value: NOTHING }]),
  ]
}
