import { type KeptBlock, keptBlocks, keptBytes } from './archive/kept-blocks.ts'
import { type RecordedTail, tailBytes } from './archive/recorded-tail.ts'
import { ReceiverError } from './errors.ts'
import { MAX_HELD_PLAYLIST_BYTES, MAX_PLAYLIST_STATES, PARSED_PER_RECORD_BYTE } from './limits.ts'
import type { PlaylistUpload } from './playlist/intake.ts'
import { NOTHING_SKIPPED, type ScannedPlaylist, type Skipped, scanLines, splitLines } from './playlist/scan.ts'
import type { SealedPart } from './playlist/sealed-part.ts'
import type { Asked } from './playlist/timeline.ts'
import { trimmed } from './playlist/trim.ts'
import { type PlaylistRecord, parsePlaylistRecord } from './playlist-record.ts'
import type { Digest, Journal, Log } from './ports.ts'
import { keys, readJson, toBytes } from './records.ts'

/** An upload that looks older than what was accepted, but may be the first of a new run. */
export interface Suspect {
  readonly owner: string
  readonly id: string
  readonly upload: PlaylistUpload
  /** Milliseconds since the epoch. */
  readonly since: number
  /** What would prove it, by app and last name part. */
  readonly awaited: readonly string[]
}

/** A playlist in use. */
export interface PlaylistState {
  /** `APP/NAME`. */
  readonly key: string
  readonly app: string
  readonly name: string
  record: PlaylistRecord | undefined
  /** The record's own text taken apart. */
  scanned: ScannedPlaylist | undefined
  /** Running hash over the sealed part; undefined until it is needed. */
  digest: Digest | undefined
  suspect: Suspect | undefined
  /** When the encoder first asked for its own words since the newest version. */
  asked: Asked | undefined
  /** What it waits for, by app and last name part. */
  awaited: readonly string[]
  /** Running bodies that wake it, by id and bytes. */
  readonly watched: Set<string>
  /** Changes wait for each other here. */
  turn: Promise<void>
  jobs: number
  willLookAgain: boolean
  cancelWake: () => void
  /** The whole served text of one version, put together when it was asked for. */
  text: { readonly version: number; readonly bytes: Uint8Array } | undefined
  /** The blocks of its recording, read when they were asked for. */
  kept: readonly KeptBlock[] | undefined
  /** The number of the first entry that is in none, and when it was tried in vain to make another, in ms since the epoch. */
  keeping: { readonly from: number; readonly triedAt: number | undefined } | undefined
  /** Entries of its archive are being moved, or removed: what the journal has of it is not to be remembered. */
  isMoving: boolean
  /** What the recording has behind them, put together when it was asked for. */
  tail: RecordedTail | undefined
  /** The recording, or the part of it that `mark` says, with that tail. */
  recorded: { readonly tail: RecordedTail; readonly mark: string; readonly bytes: Uint8Array } | undefined
  /** The stored names that it was bound to when that was noted last; undefined after a start. */
  bound: { has(stored: string): boolean } | undefined
  /** Size of the record, in bytes. */
  recordBytes: number
  /** Bytes of memory that are accounted for. */
  held: number
}

/** The playlists in use, and which of them wait for which file; read again from the journal when they were forgotten. */
export class PlaylistStates {
  readonly #journal: Journal
  readonly #log: Log
  /** Those used longest ago come first. */
  readonly #states = new Map<string, PlaylistState>()
  /** Playlists that wait for a file, by app and the file's last name part. */
  readonly #awaited = new Map<string, Set<PlaylistState>>()
  /** Those with a text that could be put together again; those used longest ago come first. */
  readonly #withTexts = new Set<PlaylistState>()
  /** Keys of those that are not to be changed any more. */
  readonly #closed = new Set<string>()
  #heldBytes = 0

  constructor(journal: Journal, log: Log) {
    this.#journal = journal
    this.#log = log
  }

  /** The state of a playlist, empty for one that nobody uploaded yet. */
  use(app: string, name: string): PlaylistState {
    const key = `${app}/${name}`
    const state = this.#states.get(key) ?? this.#load(app, name, key)
    this.#states.delete(key)
    this.#states.set(key, state)
    this.account(state)
    return state
  }

  /** The state of a playlist that was uploaded; undefined for others. */
  find(app: string, name: string): PlaylistState | undefined {
    const isKnown = this.#states.has(`${app}/${name}`) || this.#journal.get(keys.playlist(app, name)) !== undefined
    return isKnown ? this.use(app, name) : undefined
  }

  /** The state of a playlist that is in memory; undefined for others. */
  held(app: string, name: string): PlaylistState | undefined {
    return this.#states.get(`${app}/${name}`)
  }

  /** The playlists that wait for a file of this name. */
  waitingFor(awaited: string): PlaylistState[] {
    return [...(this.#awaited.get(awaited) ?? [])]
  }

  /** Sets what wakes a playlist. */
  wait(state: PlaylistState, awaited: readonly string[]): void {
    for (const name of state.awaited) {
      const waiting = this.#awaited.get(name)
      waiting?.delete(state)
      if (waiting?.size === 0) this.#awaited.delete(name)
    }
    state.awaited = [...new Set([...awaited, ...(state.suspect?.awaited ?? [])])]
    for (const name of state.awaited) this.#awaited.set(name, (this.#awaited.get(name) ?? new Set()).add(state))
  }

  /** Makes a change when those before it have ended. Throws `storage-unavailable` where none may be made any more. */
  async inTurn<T>(state: PlaylistState, change: () => Promise<T>): Promise<T> {
    state.jobs++
    const done = state.turn.then(() => {
      if (this.#closed.has(state.key)) throw new ReceiverError('storage-unavailable')
      return change()
    })
    state.turn = done.then(ignore, ignore)
    try {
      return await done
    } finally {
      state.jobs--
    }
  }

  /** Lets nobody change a playlist any more in this life. */
  close(state: PlaylistState): void {
    this.#closed.add(state.key)
  }

  /**
   * Changes what the journal has of a recording; who reads it meanwhile finds what is there before, or afterwards. A tail that was put
   * together before may lead to blocks that are gone.
   */
  async moveArchive<T>(state: PlaylistState, change: () => Promise<T>): Promise<T> {
    state.isMoving = true
    state.kept = undefined
    state.keeping = undefined
    try {
      return await change()
    } finally {
      state.isMoving = false
      state.tail = undefined
      state.recorded = undefined
    }
  }

  /** The blocks of a recording. */
  keptBlocks(state: PlaylistState): readonly KeptBlock[] {
    const kept = state.kept ?? keptBlocks(this.#journal, state)
    if (!state.isMoving) state.kept = kept
    return kept
  }

  /** Resolves when the changes that run have ended. */
  async settled(): Promise<void> {
    await Promise.all([...this.#states.values()].map(({ turn }) => turn))
  }

  /** Makes a playlist one that nobody uploaded yet, for those too who wait for their turn. */
  reset(state: PlaylistState): void {
    state.cancelWake()
    const { key, app, name, turn, jobs, watched, willLookAgain, held } = state
    state.suspect = undefined
    this.wait(state, [])
    Object.assign(state, { ...emptyState(app, name, key), turn, jobs, watched, willLookAgain, held })
    this.account(state)
  }

  /** Whether changes of this state count: one that was forgotten must not be written any more. */
  isHeld(state: PlaylistState): boolean {
    return this.#states.get(state.key) === state
  }

  /** Accounts for the memory of a playlist. Where all take too much, the texts of those used longest ago go. */
  account(state: PlaylistState): void {
    if (!this.isHeld(state)) return
    this.#measure(state)
    for (const other of this.#withTexts) {
      if (this.#heldBytes <= MAX_HELD_PLAYLIST_BYTES || other === state) return
      other.text = undefined
      other.recorded = undefined
      other.tail = undefined
      other.kept = undefined
      this.#measure(other)
    }
  }

  #measure(state: PlaylistState): void {
    const { recorded, tail, kept, text } = state
    const blocks = (tail === undefined ? 0 : tailBytes(tail)) + (kept === undefined ? 0 : keptBytes(kept))
    const texts = (text?.bytes.length ?? 0) + (recorded?.bytes.length ?? 0) + blocks
    const bytes = PARSED_PER_RECORD_BYTE * state.recordBytes + texts
    this.#heldBytes += bytes - state.held
    state.held = bytes
    this.#withTexts.delete(state)
    if (texts > 0) this.#withTexts.add(state)
  }

  #load(app: string, name: string, key: string): PlaylistState {
    this.#evict()
    const bytes = this.#journal.get(keys.playlist(app, name))
    const record = bytes === undefined ? undefined : parsePlaylistRecord(bytes)
    return {
      ...emptyState(app, name, key),
      record,
      scanned: record === undefined ? undefined : scanRecord(record),
      suspect: record?.suspect === undefined ? undefined : readSuspect(record.suspect),
      asked: readJson<Asked>(this.#journal, keys.asked(app, name)),
      recordBytes: bytes?.length ?? 0,
    }
  }

  /** Forgets the playlists that were used longest ago; those that wait go last, and wait for their next upload then. */
  #evict(): void {
    const isFull = () => this.#states.size >= MAX_PLAYLIST_STATES || this.#heldBytes > MAX_HELD_PLAYLIST_BYTES
    for (const waitingToo of [false, true]) {
      for (const [key, state] of this.#states) {
        if (!isFull()) return
        if (state.jobs > 0 || (state.awaited.length > 0 && !waitingToo)) continue
        if (state.awaited.length > 0) this.#log.warn('waiting playlist forgotten', { key })
        state.cancelWake()
        state.suspect = undefined
        this.wait(state, [])
        this.#heldBytes -= state.held
        this.#states.delete(key)
        this.#withTexts.delete(state)
      }
    }
  }
}

/** That of a playlist which nobody uploaded yet. */
function emptyState(app: string, name: string, key: string): PlaylistState {
  return {
    key,
    app,
    name,
    record: undefined,
    scanned: undefined,
    digest: undefined,
    suspect: undefined,
    asked: undefined,
    awaited: [],
    watched: new Set(),
    turn: Promise.resolve(),
    jobs: 0,
    willLookAgain: false,
    cancelWake: () => {},
    text: undefined,
    kept: undefined,
    keeping: undefined,
    isMoving: false,
    tail: undefined,
    recorded: undefined,
    bound: undefined,
    recordBytes: 0,
    held: 0,
  }
}

function ignore(): void {}

/** A suspect as a record keeps it. */
export function readSuspect({ owner, id, since, text }: NonNullable<PlaylistRecord['suspect']>): Suspect {
  const bytes = toBytes(text)
  const upload = { bytes: bytes.length, text: bytes, continues: undefined, chunks: 0, headBytes: 0 }
  return { owner, id, since, upload, awaited: [] }
}

/** What a sealed part stands for in a text with this head. */
export function skippedBy(sealed: SealedPart | undefined, head: string): Skipped {
  if (sealed === undefined) return NOTHING_SKIPPED
  const { entries, rangeEnd, carried } = sealed
  return { entries, rangeEnd, carried, bodyLine: splitLines(head).length }
}

/** A record's own text taken apart: it was checked when it was accepted. */
export function scanRecord(record: PlaylistRecord): ScannedPlaylist {
  const lines = splitLines(record.head + record.tail)
  if (record.kind === 'multivariant') return scanLines(lines)
  return trimmed(scanLines(lines, skippedBy(record.sealed, record.head)), record.timeline)
}
